"""Figures, funnels and lists as CSV that no spreadsheet can be tricked by."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.timezone import get_current_timezone_name, localtime
from django.utils.translation import gettext as _

from accounts.customers.sheets import harmless
from campaigns.adoption.channels import Mix
from campaigns.adoption.figures import Figure
from campaigns.adoption.funnel import Funnel
from campaigns.adoption.listings import Listing
from campaigns.adoption.names import Name

BOM = "\ufeff"

Row = Iterable[Any]


def lines(rows: Iterable[Row], *, excel: bool, comma: bool) -> Iterator[str]:
    """CSV text by RFC 4180, a piece per row.

    *excel* puts a byte order mark before it. *comma* says that the reader writes
    decimals with a comma: then her spreadsheet expects semicolons between cells.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if excel and comma else ",")
    if excel:
        yield BOM
    for row in rows:
        writer.writerow([cell(value, excel and comma) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def cell(value: Any, comma: bool = False) -> str:
    """Times in the installation's zone, ISO; text that looks like a formula quoted."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, (Decimal, float, Fraction)):
        return _number(value, comma)
    return harmless(str(value)).replace("\0", "")


def _number(value: Decimal | float | Fraction, comma: bool) -> str:
    exact = value if isinstance(value, Decimal) else round(float(value), 6)
    text = format(exact, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text


def of_figures(figures: Iterable[Figure]) -> Iterator[Row]:
    yield (
        _("Figure"),
        _("Short"),
        _("Counted"),
        _("Formula"),
        _("Numerator"),
        _("Denominator"),
        _("Value"),
        _("Still possible"),
        _("Time has run out"),
        _("Too early"),
        _("Invited from"),
        _("Invited until"),
        _("As of (%(zone)s)") % {"zone": get_current_timezone_name()},
    )
    for figure in figures:
        yield (
            figure.label,
            figure.short,
            figure.unit.label,
            figure.formula,
            figure.numerator.count,
            figure.denominator.count,
            figure.value,
            figure.possible and figure.possible.count,
            figure.over and figure.over.count,
            _("yes") if figure.too_early else _("no"),
            figure.frame.since,
            figure.frame.until,
            figure.frame.at,
        )


def of_funnels(funnels: Iterable[Funnel]) -> Iterator[Row]:
    yield (
        _("Counted"),
        _("Who"),
        _("Stage"),
        _("Reached"),
        _("Of the stage before"),
        _("Of the first stage"),
        _("Median days since the stage before"),
        _("Still possible"),
        _("Time has run out"),
        _("Too early"),
    )
    for funnel in funnels:
        for step in funnel.steps:
            yield (
                funnel.unit.label,
                funnel.group.label,
                step.label,
                step.reached.count,
                step.of_previous,
                step.of_first,
                step.median_days,
                step.possible.count,
                step.over.count,
                _("yes") if step.too_early else _("no"),
            )
        for one in funnel.beside:
            yield (
                funnel.unit.label,
                funnel.group.label,
                one.reached.label,
                one.reached.count,
                "",
                one.of_first,
                *[""] * 4,
            )


def of_names(listing: Listing, names: Iterable[Name]) -> Iterator[Row]:
    yield (
        _("Customer number"),
        _("Account"),
        _("Key account"),
        _("Buyer"),
        _("Stage"),
        *(column.label for column in listing.columns),
        _("Reason"),
    )
    for name in names:
        yield (
            name.number,
            name.account,
            _("yes") if name.is_key else _("no"),
            name.buyer,
            name.stage,
            *(cell.value for cell in name.cells),
            name.reason,
        )


def of_mixes(mixes: Iterable[Mix]) -> Iterator[Row]:
    yield (
        _("Month"),
        _("Channel"),
        _("Currency"),
        _("Orders"),
        _("Value"),
        _("Credit notes"),
        _("Credited"),
        _("Value less credit notes"),
    )
    for mix in mixes:
        for line in mix.lines:
            for month, one in zip(mix.months, line.cells, strict=True):
                yield (
                    month,
                    line.label,
                    mix.currency,
                    one.orders,
                    one.amount,
                    one.credits,
                    one.credited,
                    one.net,
                )
