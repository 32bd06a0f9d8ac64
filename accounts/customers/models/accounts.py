"""Customer companies, and what they were on earlier dates."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.customers import countries, eligibility, facts, numbers, zones
from accounts.customers.lines import validate_line

from .fields import ChangedAtField


class AccountQuerySet(models.QuerySet["Account"]):
    def were_eligible(self, at: datetime) -> "AccountQuerySet":
        """Those who might order online at that moment."""
        barred = AccountFact.objects.holding(AccountFact.Kind.ELIGIBLE, at)
        return self.exclude(Exists(barred.filter(account=OuterRef("pk"))))

    def were_key(self, at: datetime) -> "AccountQuerySet":
        strategic = AccountFact.objects.holding(AccountFact.Kind.KEY, at)
        return self.filter(Exists(strategic.filter(account=OuterRef("pk"))))


class Account(models.Model):
    """A customer company, known by its ERP customer number: the unit of adoption.

    ``eligible``, ``is_key`` and ``rep`` hold today's value; `AccountFact` holds
    what they were on any earlier date. ``rep_code`` is the rep as the ERP writes it,
    folded (`customers.reps`).
    """

    number = models.CharField(
        _("customer number"), max_length=40, validators=[validate_line]
    )
    number_key = models.CharField(max_length=40, editable=False)
    name = models.CharField(_("name"), max_length=200, validators=[validate_line])
    segment = models.CharField(
        _("segment"), max_length=60, blank=True, validators=[validate_line]
    )
    is_key = models.BooleanField(_("key account"), default=False)
    city = models.CharField(
        _("city"), max_length=100, blank=True, validators=[validate_line]
    )
    country = models.CharField(
        _("country"), max_length=2, blank=True, help_text=_("Two letters, ISO 3166.")
    )
    language = models.CharField(
        _("language"), max_length=5, blank=True, choices=settings.LANGUAGES
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[zones.validate_zone],
        help_text=_("Empty: the main one of the country."),
    )
    rep = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("sales rep"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="accounts",
    )
    rep_code = models.CharField(_("sales rep code"), max_length=60, blank=True)
    annual_value = models.DecimalField(
        _("yearly turnover"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    customer_since = models.DateField(_("customer since"), null=True, blank=True)
    eligible = models.BooleanField(_("may order online"), default=True)
    ineligible_reason = models.CharField(
        _("reason"), max_length=200, blank=True, validators=[validate_line]
    )
    ineligible_from = models.DateField(_("not from"), null=True, blank=True)
    ineligible_until = models.DateField(_("not until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = ChangedAtField(_("updated"))

    objects: ClassVar[models.Manager["Account"]] = models.Manager.from_queryset(
        AccountQuerySet
    )()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("number_key",)
        constraints = (
            models.UniqueConstraint("number_key", name="account_number_unique"),
        )
        indexes = (
            models.Index(fields=["rep"], name="account_rep"),
            models.Index(
                fields=["rep_code"],
                condition=Q(rep__isnull=True) & ~Q(rep_code=""),
                name="account_rep_unmatched",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def save(self, *, source: str = "", **options: Any) -> None:
        """*source* names, in the history, who changed what the account is."""
        self.number_key = numbers.key_of(self.number)
        self.time_zone = self.time_zone or zones.zone_for(self.country)
        super().save(**options)
        facts.sync([self.pk], source=source)

    def clean(self) -> None:
        """A known country; what may order today is not barred today by its dates."""
        if self.country and not countries.is_code(self.country):
            raise ValidationError({"country": _("Choose a country from the list.")})
        dated = self.ineligible_from or self.ineligible_until
        if self.eligible and dated and self.barred.holds_on(timezone.localdate()):
            raise ValidationError(
                {"eligible": _("Its dates bar it today: empty them, or untick this.")}
            )

    @property
    def barred(self) -> eligibility.Barred:
        """Why and between which dates it may not order online."""
        return eligibility.Barred(
            self.ineligible_reason, self.ineligible_from, self.ineligible_until
        )


class AccountFactQuerySet(models.QuerySet["AccountFact"]):
    def holding(self, kind: str, at: datetime) -> "AccountFactQuerySet":
        """The facts of one kind that held at that moment."""
        return self.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=at),
            kind=kind,
            valid_from__lte=at,
        )


class AccountFact(models.Model):
    """What an account was between two moments, where that is not the usual.

    Usual is: may order online, is no key account, has no rep. So an account without
    a fact of a kind was, at that moment, the usual. ``value`` is "no" for ELIGIBLE,
    "yes" for KEY, and the user's id for REP.

    SEGMENT is kept by a trigger, and only what is over: today's stands on the account,
    and before the first known one nothing else was known.
    """

    class Kind(models.TextChoices):
        ELIGIBLE = "eligible", _("May order online")
        KEY = "key", _("Key account")
        REP = "rep", _("Sales rep")
        SEGMENT = "segment", _("Segment")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="facts",
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    value = models.CharField(_("value"), max_length=60)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    valid_from = models.DateTimeField(_("from"))
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=60, blank=True)

    objects: ClassVar[models.Manager["AccountFact"]] = models.Manager.from_queryset(
        AccountFactQuerySet
    )()

    class Meta:
        verbose_name = _("account fact")
        verbose_name_plural = _("account facts")
        ordering = ("account", "kind", "valid_from", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=Q(valid_until__isnull=True),
                name="account_fact_one_current",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}={self.value}"


class RepCode(models.Model):
    """Whom a rep's code of the ERP means, where a person once had to say so."""

    code = models.CharField(_("sales rep code"), max_length=60)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("sales rep"),
        on_delete=models.CASCADE,
        related_name="rep_codes",
    )

    class Meta:
        verbose_name = _("sales rep code")
        verbose_name_plural = _("sales rep codes")
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(fields=["code"], name="rep_code_unique"),
        )

    def __str__(self) -> str:
        return self.code


def find(numbers_given: Iterable[str]) -> AccountQuerySet:
    """The accounts with these customer numbers, however these are written."""
    keys = {numbers.key_of(number) for number in numbers_given}
    return AccountQuerySet(Account).filter(number_key__in=keys)
