"""What was done about a person's data, and the names by which the erased were known."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Buyer


class PrivacyAct(models.Model):
    """Somebody handed a person's data out, or erased them. Holds nothing of hers.

    Erasing is done at once but for uploaded files, which are read one by one
    afterwards: until ``finished_at`` the act keeps what to look for in them
    (``looked_for``), and no longer. ``counts`` are rows, by the model they were of.
    """

    class Act(models.TextChoices):
        EXPORTED = "exported", _("Data handed out")
        ERASED = "erased", _("Data erased")

    class Reason(models.TextChoices):
        REQUEST = "request", _("The person asked for it")
        RETENTION = "retention", _("Kept long enough")
        OTHER = "other", _("Another reason")

    act = models.CharField(_("what was done"), max_length=8, choices=Act.choices)
    # None: who was known to us only by an address, and was no buyer.
    buyer = models.ForeignKey(
        Buyer,
        verbose_name=_("buyer"),
        null=True,
        on_delete=models.PROTECT,
        related_name="privacy_acts",
    )
    reason = models.CharField(_("reason"), max_length=9, choices=Reason.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    at = models.DateTimeField(_("when"))
    counts = models.JSONField(_("rows"), default=dict)
    looked_for = models.JSONField(default=list, editable=False)
    files_up_to = models.BigIntegerField(default=0, editable=False)
    files_gone = models.PositiveIntegerField(_("files deleted"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("privacy request")
        verbose_name_plural = _("privacy requests")
        ordering = ("-id",)
        permissions = (
            ("export_person", _("May hand out a person's data")),
            ("erase_person", _("May erase a person's data")),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["buyer"],
                condition=Q(act="erased"),
                name="privacy_erased_once",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(looked_for=[]),
                name="privacy_forgets_when_finished",
            ),
        )
        indexes = (
            models.Index(
                fields=["id"],
                condition=Q(finished_at__isnull=True),
                name="privacy_unfinished",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.buyer_id}"


class ErasedName(models.Model):
    """The keyed hash of a name by which an erased buyer was known, or somebody who
    never was a buyer.

    It tells nobody the name. By it late news about her is known for hers, so that
    the name is not written down again, and her link to unsubscribe still reaches
    her address.
    """

    class Kind(models.TextChoices):
        ADDRESS = "address", _("E-mail address")
        EXTERNAL_ID = "external_id", _("Store or ERP id")

    buyer = models.ForeignKey(
        Buyer, null=True, on_delete=models.PROTECT, related_name="erased_names"
    )
    # Of who was no buyer.
    act = models.ForeignKey(
        PrivacyAct, null=True, on_delete=models.PROTECT, related_name="names"
    )
    kind = models.CharField(max_length=11, choices=Kind.choices)
    hash = models.BinaryField(max_length=32, editable=False)

    class Meta:
        verbose_name = _("hashed name of an erased buyer")
        verbose_name_plural = _("hashed names of erased buyers")
        constraints = (
            models.UniqueConstraint(
                fields=["buyer", "kind", "hash"], name="erased_name_once"
            ),
        )
        indexes = (models.Index(fields=["hash"], name="erased_name_hash"),)

    def __str__(self) -> str:
        return f"{self.buyer_id}: {self.kind}"
