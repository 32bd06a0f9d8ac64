"""How an order list is to be read: what its columns leave open."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.customers import zones
from accounts.customers.importing import guesses
from accounts.customers.jobs import Option
from accounts.customers.readers import Look
from accounts.journal.channels import Channel


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


def _zone() -> forms.Field:
    return forms.CharField(
        label=_("Time zone of the dates"),
        help_text=_("A name such as Europe/Madrid. A date without a time means noon."),
        validators=[zones.validate_zone],
        max_length=64,
    )


def _currency() -> forms.Field:
    return forms.CharField(
        label=_("Currency, where no column says it"),
        validators=[RegexValidator("^[A-Z]{3}$")],
        max_length=3,
    )


def _channel() -> forms.Field:
    return forms.ChoiceField(
        label=_("Channel, where no column says it"),
        choices=Channel.choices,
        help_text=_("Only orders on the channel “Online” count as adoption."),
    )


def _create_accounts() -> forms.Field:
    return forms.BooleanField(
        label=_("Make accounts of customers that are not known yet"),
        help_text=_("Otherwise their documents wait until the accounts are imported."),
        required=False,
    )


OPTIONS = (
    Option("decimal", _decimal, default="point"),
    Option("dates", _dates, default="dmy"),
    Option("zone", _zone, default=settings.TIME_ZONE),
    Option("currency", _currency, default="EUR"),
    # The cautious guess: what nobody calls online is not adoption.
    Option("channel", _channel, default=Channel.PHONE.value),
    Option("create_accounts", _create_accounts, default=False),
)


def defaults() -> dict[str, Any]:
    return {option.slug: option.default for option in OPTIONS}


def guess(seen: Look, mapping: Mapping[str, int]) -> dict[str, Any]:
    """Options from the samples, as the person will find them filled in."""
    return {
        **defaults(),
        "decimal": guesses.decimal_mark(_samples(seen, mapping, "amount")),
        "dates": guesses.date_order(_samples(seen, mapping, "date")),
    }


def _samples(seen: Look, mapping: Mapping[str, int], slug: str) -> list[str]:
    place = mapping.get(slug)
    if place is None:
        return []
    return [row[place].strip() for row in seen.samples if place < len(row)]
