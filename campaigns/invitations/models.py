"""The personal invitation of a buyer to the web store."""

from datetime import datetime
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Account, Buyer
from campaigns.sequences.models import Campaign


class Invitations(models.QuerySet["Invitation"]):
    def standing(self) -> Self:
        """Not revoked, of a buyer who is still there and has the same address."""
        same = Q(address_hash=None) | Q(address_hash=F("buyer__address_hash"))
        return self.filter(same, revoked_at=None, buyer__active=True)

    def valid(self, at: datetime) -> Self:
        """Standing, and not expired at *at*."""
        return self.standing().filter(Q(expires_at=None) | Q(expires_at__gt=at))


class Invitation(models.Model):
    """One standing invitation per buyer. Its link is signed from ``uuid`` and
    ``generation``; raising the generation or revoking the row kills older links.

    It belongs to the address it was made for: when the buyer's address changes,
    ``address_hash`` no longer agrees and older links are dead (None: a letter or a
    code, whichever address). ``reference`` travels to the store in the open: it
    names the invitation but opens nothing.
    """

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        LETTER = "letter", _("Letter")
        CODE = "code", _("Code")
        REP = "rep", _("Sales rep")

    uuid = models.UUIDField(default=uuid4, editable=False)
    reference = models.UUIDField(default=uuid4, editable=False)
    buyer = models.ForeignKey(
        Buyer,
        verbose_name=_("buyer"),
        on_delete=models.PROTECT,
        related_name="invitations",
    )
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="+"
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="invitations",
    )
    channel = models.CharField(
        _("channel"), max_length=6, choices=Channel.choices, default=Channel.EMAIL
    )
    address_hash = models.BinaryField(max_length=32, null=True, editable=False)
    generation = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    sent_at = models.DateTimeField(_("first handed over"), null=True)
    seen_at = models.DateTimeField(_("seen by a person"), null=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = Invitations.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["uuid"], name="invitation_uuid_unique"),
            models.UniqueConstraint(
                fields=["reference"], name="invitation_reference_unique"
            ),
            models.UniqueConstraint(
                fields=["buyer"],
                condition=Q(revoked_at__isnull=True),
                name="invitation_one_standing",
            ),
        )

    def __str__(self) -> str:
        return f"{self.buyer} ({self.get_channel_display()})"
