"""The conditions that need no touchpoint: the company, the buyer, what they did."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.customers import countries
from accounts.customers.models import Account
from accounts.journal import stages
from accounts.staff.models import User
from campaigns.sequences.touchpoints import Condition

Choices = list[tuple[str, str]]

#: So many customer numbers may be pasted into one condition.
MOST_NUMBERS = 10_000


class Several(forms.MultipleChoiceField):
    """Several of the values that exist; one that has gone since is kept, not refused.

    Refusing it would throw away a marketer's draft because a segment was renamed.
    """

    widget = forms.CheckboxSelectMultiple

    def __init__(self, choices: Callable[[], Choices], **options: Any) -> None:
        super().__init__(choices=choices, **options)

    def valid_value(self, value: Any) -> bool:
        return isinstance(value, str) and len(value) <= 100


class NumberList(forms.CharField):
    """Customer numbers pasted from a sheet: one a line, or by comma or semicolon."""

    widget = forms.Textarea(attrs={"rows": 4})

    def clean(self, value: Any) -> list[str]:
        text = "\n".join(value) if isinstance(value, list) else value
        numbers = _split(super().clean(text))
        if len(numbers) > MOST_NUMBERS:
            raise forms.ValidationError(
                ngettext_lazy(
                    "At most %(most)d number, please.",
                    "At most %(most)d numbers, please.",
                    MOST_NUMBERS,
                )
                % {"most": MOST_NUMBERS}
            )
        return numbers

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


def _split(text: str) -> list[str]:
    for separator in (";", ",", "\t"):
        text = text.replace(separator, "\n")
    lines = (line.strip() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


def _yes() -> forms.Field:
    return forms.BooleanField(initial=True, widget=forms.HiddenInput)


def _countries() -> Choices:
    found = Account.objects.exclude(country="").values_list("country", flat=True)
    codes = found.order_by("country").distinct()
    return sorted(((code, countries.name_of(code)) for code in codes), key=_by_label)


def _segments() -> Choices:
    found = Account.objects.exclude(segment="").values_list("segment", flat=True)
    return [(name, name) for name in found.order_by("segment").distinct()]


def _languages() -> Choices:
    return [(code, str(name)) for code, name in settings.LANGUAGES]


def _reps() -> Choices:
    owners = User.objects.annotate(owned=Count("accounts")).filter(owned__gt=0)
    return [(str(rep.pk), str(rep)) for rep in owners.order_by("name")]


def _by_label(choice: tuple[str, str]) -> str:
    return choice[1].casefold()


def _days() -> forms.Field:
    widget = forms.NumberInput(attrs={"class": "ob-short"})
    return forms.IntegerField(min_value=1, max_value=3650, initial=90, widget=widget)


def _day() -> forms.Field:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))


def _money() -> forms.Field:
    return forms.DecimalField(min_value=0, max_digits=14, decimal_places=2)


def _stages() -> Choices:
    return [(stage.value, str(stage.label)) for stage in stages.Stage]


def _in_stage(prefix: str) -> Callable[[Any, datetime], Q]:
    def test(value: Any, at: datetime) -> Q:
        asked = Q(pk__in=[])
        for slug in value:
            asked |= stages.q(stages.Stage(slug), at, prefix=prefix)
        return asked

    return test


def _never_ordered_online(value: Any, at: datetime) -> Q:
    return Q(account__progress__isnull=True) | Q(account__progress__online_count=0)


def _ordered_offline(value: Any, at: datetime) -> Q:
    since = at - timedelta(days=int(value))
    return Q(account__progress__offline_last__gte=since)


def _created_since(value: Any, at: datetime) -> Q:
    day = date.fromisoformat(value)
    zone = localtime(at).tzinfo
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return Q(account__created_at__gte=midnight)


def _numbered(value: Any, at: datetime) -> Q:
    return Q(account__number_key__in=[number.strip().casefold() for number in value])


COMPANY = (
    Condition(
        "country",
        _("Country"),
        lambda: Several(_countries),
        lambda value, at: Q(account__country__in=list(value)),
    ),
    Condition(
        "city",
        _("City contains"),
        lambda: forms.CharField(max_length=100),
        lambda value, at: Q(account__city__icontains=str(value)),
    ),
    Condition(
        "segment",
        _("Segment"),
        lambda: Several(_segments),
        lambda value, at: Q(account__segment__in=list(value)),
    ),
    Condition(
        "key_account",
        _("Is a key account"),
        _yes,
        lambda value, at: Q(account__is_key=True),
        _("Not a key account"),
    ),
    Condition(
        "sales_rep",
        _("Sales rep"),
        lambda: Several(_reps),
        lambda value, at: Q(account__rep_id__in=[int(one) for one in value]),
    ),
    Condition(
        "turnover",
        _("Yearly turnover at least"),
        _money,
        lambda value, at: Q(account__annual_value__gte=Decimal(str(value))),
    ),
    Condition(
        "customer_numbers",
        _("Customer number is one of"),
        NumberList,
        _numbered,
    ),
    Condition(
        "created_since", _("Imported or entered here since"), _day, _created_since
    ),
)

BUYER = (
    Condition(
        "language",
        _("Language"),
        lambda: Several(_languages),
        lambda value, at: Q(language__in=list(value)),
    ),
    Condition(
        "registered",
        _("Has registered in the web store"),
        _yes,
        lambda value, at: Q(progress__registered_at__isnull=False),
        _("Has not registered in the web store"),
    ),
    Condition(
        "buyer_stage",
        _("Buyer's stage"),
        lambda: Several(_stages),
        _in_stage("progress__"),
    ),
)

HISTORY = (
    Condition(
        "account_stage",
        _("Company's stage"),
        lambda: Several(_stages),
        _in_stage("account__progress__"),
    ),
    Condition(
        "never_ordered_online",
        _("The company has never ordered online"),
        _yes,
        _never_ordered_online,
        _("The company has ordered online"),
    ),
    Condition(
        "ordered_offline",
        _("The company ordered offline within the last days"),
        _days,
        _ordered_offline,
    ),
)

GROUPS: tuple[tuple[str | Promise, tuple[Condition, ...]], ...] = (
    (_("The company"), COMPANY),
    (_("The buyer"), BUYER),
    (_("What they did so far"), HISTORY),
)
