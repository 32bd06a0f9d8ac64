"""The people who buy for a customer company."""

from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.customers import addresses, zones
from accounts.customers.lines import validate_line, validate_name

from .accounts import Account
from .fields import ChangedAtField


def called_by_number(number: object) -> str:
    """What people read where somebody was erased."""
    return gettext("Erased person %(number)s") % {"number": number}


class Buyer(models.Model):
    """A person who buys for an account.

    ``email`` is sent to as typed (lower-cased domain); ``email_key`` is its
    case-folded form, unique within the account; ``address_hash`` is the keyed
    hash by which suppression knows it. All three change together, in
    `keep_address`, which `save` calls; who writes in bulk calls it himself.

    One who was erased (``erased_at``) is a number: no name comes back to the row.
    """

    uuid = models.UUIDField(default=uuid4, editable=False)
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.PROTECT,
        related_name="buyers",
    )
    external_id = models.CharField(
        _("store or ERP id"), max_length=60, blank=True, validators=[validate_line]
    )
    email = models.CharField(
        _("e-mail address"),
        max_length=254,
        blank=True,
        validators=[addresses.validate_address],
    )
    email_key = models.CharField(max_length=254, blank=True, editable=False)
    address_hash = models.BinaryField(max_length=32, null=True, editable=False)
    first_name = models.CharField(
        _("first name"), max_length=100, blank=True, validators=[validate_name]
    )
    last_name = models.CharField(
        _("last name"), max_length=100, blank=True, validators=[validate_name]
    )
    phone = models.CharField(
        _("phone"), max_length=40, blank=True, validators=[validate_line]
    )
    language = models.CharField(
        _("language"), max_length=5, choices=[("es", "Español"), ("en", "English")]
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[zones.validate_zone],
        help_text=_("Empty: the account's."),
    )
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = ChangedAtField(_("updated"))
    erased_at = models.DateTimeField(_("erased"), null=True, editable=False)

    class Meta:
        verbose_name = _("buyer")
        verbose_name_plural = _("buyers")
        ordering = ("account", "last_name", "first_name", "id")
        constraints = (
            models.UniqueConstraint(fields=["uuid"], name="buyer_uuid_unique"),
            models.UniqueConstraint(
                fields=["account", "email_key"],
                condition=~Q(email_key=""),
                name="buyer_email_unique_in_account",
            ),
            models.UniqueConstraint(
                fields=["account", "external_id"],
                condition=~Q(external_id=""),
                name="buyer_external_id_unique_in_account",
            ),
            models.CheckConstraint(
                condition=Q(email="", email_key="", address_hash__isnull=True)
                | (~Q(email="") & ~Q(email_key="") & Q(address_hash__isnull=False)),
                name="buyer_address_kept_together",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(
                    active=False,
                    email="",
                    first_name="",
                    last_name="",
                    phone="",
                    external_id="",
                ),
                name="buyer_erased_has_no_name",
            ),
        )
        indexes = (
            models.Index(fields=["email_key"], name="buyer_email_key"),
            models.Index(fields=["address_hash"], name="buyer_address_hash"),
            models.Index(
                fields=["id"],
                condition=Q(erased_at__isnull=False),
                name="buyer_erased",
            ),
        )

    def __str__(self) -> str:
        if self.erased_at:
            return called_by_number(self.pk)
        return self.full_name or self.email or self.external_id

    def save(self, **options: Any) -> None:
        self.keep_address()
        if (named := options.get("update_fields")) and "email" in named:
            options["update_fields"] = {*named, "email_key", "address_hash"}
        super().save(**options)

    def clean(self) -> None:
        """Colleagues have addresses of their own; two accounts may share one."""
        try:
            self.keep_address()
        except addresses.BadAddress:
            return  # said by the field
        if not self.email or not self.account_id:
            return
        twins = Buyer.objects.filter(
            account=self.account_id, email_key=self.email_key
        ).exclude(pk=self.pk)
        if twins.exists():
            raise ValidationError(
                {"email": _("Another buyer of this account has this address.")}
            )

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def keep_address(self) -> None:
        """Bring address, key and hash together; raises `addresses.BadAddress`."""
        if not self.email:
            self.email, self.email_key, self.address_hash = "", "", None
            return
        address = addresses.check(self.email)
        self.email, self.email_key = address.email, address.key
        self.address_hash = address.hash
