"""Who agreed or objected to what, when and by which words; and who is left alone."""

from typing import Any, NoReturn
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Buyer, CustomerImport

from .privacy.models import ErasedName, PrivacyAct

__all__ = [
    "MARKETING",
    "Choice",
    "ErasedName",
    "HistoryIsClosed",
    "Permission",
    "PrivacyAct",
    "Suppression",
]

#: Everything commercial; `topics` has the narrower ones that stand beside it.
MARKETING = "marketing"


class HistoryIsClosed(TypeError):
    """Consent history is added to; nothing in it is changed or removed."""


class History(models.QuerySet["Choice"]):
    """A queryset that refuses to rewrite; a trigger refuses it once more."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise HistoryIsClosed

    def delete(self) -> NoReturn:
        raise HistoryIsClosed


class Choice(models.Model):
    """One thing a buyer agreed or objected to. History: never changed."""

    class State(models.TextChoices):
        GRANTED = "granted", _("Agreed")
        OBJECTED = "objected", _("Objected")

    buyer = models.ForeignKey(
        Buyer,
        verbose_name=_("buyer"),
        on_delete=models.PROTECT,
        related_name="choices",
    )
    topic = models.CharField(_("topic"), max_length=40, default=MARKETING)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    basis = models.CharField(
        _("legal basis"),
        max_length=20,
        choices=CustomerImport.LegalBasis.choices,
        blank=True,
    )
    source = models.CharField(_("source"), max_length=200)
    wording = models.TextField(_("wording"), blank=True)
    delivery_uuid = models.UUIDField(null=True, blank=True)
    occurred_at = models.DateTimeField(_("when"))
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = History.as_manager()

    class Meta:
        verbose_name = _("consent record")
        verbose_name_plural = _("consent history")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.topic}: {self.get_state_display()}"

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise HistoryIsClosed
        super().save(**options)

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:
        raise HistoryIsClosed


class Permission(models.Model):
    """What the history adds up to for one buyer and topic: the last look reads it.

    A buyer without a row may not be written to.
    """

    buyer = models.ForeignKey(
        Buyer, on_delete=models.CASCADE, related_name="permissions"
    )
    topic = models.CharField(_("topic"), max_length=40, default=MARKETING)
    allowed = models.BooleanField(_("may be written to"))
    chosen = models.BooleanField(
        _("the buyer's own choice"),
        help_text=_("No import changes what a buyer chose."),
    )
    basis = models.CharField(
        _("legal basis"),
        max_length=20,
        choices=CustomerImport.LegalBasis.choices,
        blank=True,
    )
    source = models.CharField(
        _("source"),
        max_length=250,
        blank=True,
        help_text=_("The import that declared it, or where the buyer chose."),
    )
    since = models.DateTimeField(_("since"))
    every_days = models.PositiveSmallIntegerField(
        _("at most one message in so many days"),
        null=True,
        blank=True,
        help_text=_("As the buyer chose; empty or 0: as they come."),
    )

    class Meta:
        verbose_name = _("permission")
        verbose_name_plural = _("permissions")
        constraints = (
            models.UniqueConstraint(
                fields=["buyer", "topic"], name="permission_one_per_topic"
            ),
        )

    def __str__(self) -> str:
        return f"{self.topic}: {self.allowed}"


class Suppression(models.Model):
    """An address that is left alone, by keyed hash: outlives erasure and re-import."""

    class Scope(models.TextChoices):
        MARKETING = "marketing", _("Commercial messages")
        ALL = "all", _("All messages")

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        COMPLAINED = "complained", _("Complained")
        BOUNCED = "bounced", _("Address does not exist")
        BY_HAND = "by_hand", _("Entered by hand")
        ERASED = "erased", _("Erased")

    uuid = models.UUIDField(default=uuid4, editable=False)
    address_hash = models.BinaryField(max_length=32, editable=False)
    scope = models.CharField(_("scope"), max_length=10, choices=Scope.choices)
    reason = models.CharField(_("reason"), max_length=14, choices=Reason.choices)
    source = models.CharField(_("source"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("since"), db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("entered by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("lifted by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    lift_reason = models.CharField(
        _("reason for lifting"), max_length=200, blank=True, db_default=""
    )

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["address_hash", "scope"],
                condition=Q(lifted_at__isnull=True),
                name="suppression_one_active",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | ~Q(lift_reason=""),
                name="suppression_lifted_for_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_scope_display()}: {self.get_reason_display()}"
