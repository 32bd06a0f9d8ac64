"""Numbers as the reader writes them."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from django import template
from django.template import Context
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

register = template.Library()


@register.simple_block_tag(takes_context=True)
def to_names(context: Context, content: SafeString, url: str) -> SafeString:
    """A number that leads to its names, for whom may see them; else the number."""
    if not context.get("may_see_names"):
        return content
    return format_html('<a href="{}">{}</a>', url, content)


@register.filter
def percent(value: Fraction | None, places: int = 1) -> str:
    """“62.5%”, in Spanish “62,5 %”; a dash while there is nothing to divide by."""
    if value is None:
        return "–"
    return _("%(number)s%%") % {"number": _figure(value * 100, places)}


@register.filter
def of_hundred(value: Fraction | None) -> str:
    """The same as a plain number for a bar's width or a chart."""
    return "0" if value is None else f"{float(value * 100):.2f}"


@register.filter
def span(value: float | None) -> str:
    """A number of days, in the unit a person would say it in."""
    if value is None:
        return "–"
    if value >= 1:
        number, many = _short(value)
        return ngettext("%(number)s day", "%(number)s days", many) % number
    if value * 24 >= 1:
        number, many = _short(value * 24)
        return ngettext("%(number)s hour", "%(number)s hours", many) % number
    if value * 24 * 60 < 1:
        return _("under a minute")
    number, many = _short(value * 24 * 60)
    return ngettext("%(number)s minute", "%(number)s minutes", many) % number


def _short(value: float) -> tuple[dict[str, str], int]:
    """The number as written, and 1 or 2 for how its word is declined."""
    shown = round(value, 0 if value >= 10 else 1)
    written = number_format(shown, 0 if shown.is_integer() else 1)
    return {"number": written}, 1 if shown == 1 else 2


@register.filter
def count(value: int) -> str:
    return number_format(value, force_grouping=True)


@register.filter
def money(value: Decimal, currency: str = "") -> str:
    """Whole units: this is a report, not an invoice."""
    number = number_format(round(value), force_grouping=True)
    return f"{number} {currency}".strip()


@register.filter
def amount(value: Decimal, currency: str = "") -> str:
    """To the cent, as on the document."""
    number = number_format(value, 2, force_grouping=True)
    return f"{number} {currency}".strip()


@register.filter
def day(value: date | datetime | None) -> str:
    """“22 Nov 2026”: the same in both languages, and never the wrong way round."""
    if value is None:
        return ""
    local = localtime(value) if isinstance(value, datetime) else value
    return date_format(local, pgettext("date format", "j M Y"))


@register.filter
def moment(value: datetime | None) -> str:
    """With the zone, as every time is shown."""
    if value is None:
        return ""
    local = localtime(value)
    shown = date_format(local, pgettext("date format", "j M Y, H:i"))
    return f"{shown} {local:%Z}"


@register.filter
def month(value: date) -> str:
    return date_format(value, pgettext("date format", "M Y"))


@register.filter
def shown(value: datetime | int | Decimal | None) -> str:
    """A cell of a list: a day, a number, or nothing."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return day(value)
    return amount(value) if isinstance(value, Decimal) else count(value)


def _figure(value: Fraction | float, places: int) -> str:
    rounded = round(Decimal(float(value)), places)
    return number_format(rounded, places, force_grouping=True)
