"""Customer lists as a kind of import."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.customers import jobs
from accounts.customers.readers import Look

from . import guesses, lists
from .apply import apply
from .check import check
from .fields import FIELDS
from .undo import undo


def _strip_zeros() -> forms.Field:
    return forms.BooleanField(
        label=_("Strip leading zeros from customer numbers"),
        help_text=_("0000104000 and 104000 are then the same account."),
        required=False,
    )


def _decimal() -> forms.Field:
    return forms.ChoiceField(
        label=_("Amounts"),
        choices=[("comma", _("1.234,56 (comma)")), ("point", _("1,234.56 (point)"))],
    )


def _dates() -> forms.Field:
    return forms.ChoiceField(
        label=_("Dates"),
        choices=[("dmy", _("day/month/year")), ("mdy", _("month/day/year"))],
        help_text=_("Dates that begin with the year are always understood."),
    )


def _blocked_words() -> forms.Field:
    return forms.CharField(
        label=_("Words that mean blocked"),
        help_text=_("Separated by commas. Empty: every word but “no” and its like."),
        required=False,
        max_length=200,
    )


def _empty_is_free() -> forms.Field:
    return forms.BooleanField(
        label=_("An empty block column means: not blocked"), required=False
    )


OPTIONS = (
    jobs.Option("strip_zeros", _strip_zeros, default=False),
    jobs.Option("decimal", _decimal, default="point"),
    jobs.Option("dates", _dates, default="dmy"),
    jobs.Option("blocked_words", _blocked_words, default=""),
    jobs.Option("empty_is_free", _empty_is_free, default=True),
)


def guess(seen: Look, mapping: Mapping[str, int]) -> dict[str, Any]:
    """Options from the samples, as the person will find them filled in."""
    return {
        "strip_zeros": guesses.has_leading_zeros(_samples(seen, mapping, "number")),
        "decimal": guesses.decimal_mark(_samples(seen, mapping, "annual_value")),
        "dates": guesses.date_order(
            [
                *_samples(seen, mapping, "customer_since"),
                *_samples(seen, mapping, "ineligible_from"),
                *_samples(seen, mapping, "ineligible_until"),
            ]
        ),
        "blocked_words": "",
        "empty_is_free": True,
    }


def _samples(seen: Look, mapping: Mapping[str, int], slug: str) -> list[str]:
    index = mapping.get(slug)
    if index is None:
        return []
    return [row[index].strip() for row in seen.samples if index < len(row)]


KIND = jobs.Kind(
    slug="customers",
    label=_("Customers"),
    fields=FIELDS,
    options=OPTIONS,
    check=check,
    apply=apply,
    undo=undo,
    guess=guess,
    declares_basis=True,
    figures=lists.figures(),
)
