"""The shift itself: orders and their value by channel and month.

Read from the monthly sums per account that the journal keeps; one statement, which
grows with accounts × months × channels, not with orders.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils.functional import Promise

from accounts.journal import channels as journal_channels
from campaigns.adoption.frames import Frame, Unit
from campaigns.adoption.population import Sql

Label = str | Promise

MONTHS = 12
ONLINE = journal_channels.Channel.ONLINE.value


@dataclass(frozen=True, slots=True)
class Cell:
    """Documents of one channel and currency in some time. ``net`` is less credits."""

    orders: int = 0
    amount: Decimal = Decimal(0)
    credits: int = 0
    credited: Decimal = Decimal(0)

    @property
    def net(self) -> Decimal:
        return self.amount - self.credited

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(
            self.orders + other.orders,
            self.amount + other.amount,
            self.credits + other.credits,
            self.credited + other.credited,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One channel: its cells by month, their sum, and its share of all orders."""

    channel: str
    label: Label
    cells: tuple[Cell, ...]
    total: Cell
    share: Fraction | None
    url: str


@dataclass(frozen=True, slots=True)
class Mix:
    """The channels of one currency; several currencies are never added up."""

    currency: str
    months: tuple[date, ...]
    lines: tuple[Line, ...]
    total: Cell

    @property
    def online_share(self) -> tuple[Fraction | None, ...]:
        """Per month: online orders ÷ orders."""
        online = next((one for one in self.lines if one.channel == ONLINE), None)
        return tuple(
            _share(online.cells[i].orders if online else 0, self._orders(i))
            for i in range(len(self.months))
        )

    def _orders(self, i: int) -> int:
        return sum(line.cells[i].orders for line in self.lines)


def mixes(frame: Frame) -> tuple[Mix, ...]:
    """One mix per currency, the biggest first; empty while nobody ordered."""
    months = months_of(frame)
    found = _read(frame)
    currencies = sorted({currency for _month, _channel, currency in found})
    mixes = [_mix(currency, months, found, frame) for currency in currencies]
    return tuple(sorted(mixes, key=lambda mix: -mix.total.orders))


def months_of(frame: Frame) -> tuple[date, ...]:
    """The months of the frame's period, else the last twelve, the running one last."""
    last = (frame.until or frame.as_of or frame.today).replace(day=1)
    first = frame.since.replace(day=1) if frame.since else earlier(last, MONTHS - 1)
    return tuple(_each(first, max(first, last)))


def _each(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = earlier(first, -1)


def earlier(month: date, by: int) -> date:
    years, index = divmod(month.year * 12 + month.month - 1 - by, 12)
    return date(years, index + 1, 1)


Found = dict[tuple[date, str, str], Cell]


def _read(frame: Frame) -> Found:
    sql = f"""
        SELECT month, channel, currency, sum(orders), sum(amount), sum(credits),
               sum(credited)
          FROM journal_channelmonth WHERE {_within(frame)}
         GROUP BY 1, 2, 3
    """  # noqa: S608 - values bound
    with connection.cursor() as cursor:
        cursor.execute(sql, _params(frame))
        return {(row[0], row[1], row[2]): _cell(row[3:]) for row in cursor}


def members(frame: Frame, channel: str, currency: str) -> Sql:
    """SQL of the accounts behind one channel: their orders and value in the period."""
    text = f"""
        SELECT account_id AS id, account_id, '' AS reason, sum(orders) AS orders,
               sum(amount) AS amount, sum(credited) AS credited, 0 AS mask
          FROM journal_channelmonth
         WHERE {_within(frame)} AND channel = %(channel)s AND currency = %(currency)s
         GROUP BY account_id
    """  # noqa: S608 - values bound
    return Sql(text, {**_params(frame), "channel": channel, "currency": currency})


def _within(frame: Frame) -> str:
    members = (
        "SELECT account_id FROM sequences_enrolment WHERE campaign_id = %(campaign)s"
    )
    campaign = f" AND account_id IN ({members})" if frame.campaign_id else ""
    return f"month BETWEEN %(first)s AND %(last)s{campaign}"


def _params(frame: Frame) -> dict[str, Any]:
    months = months_of(frame)
    return {"first": months[0], "last": months[-1], "campaign": frame.campaign_id}


def _cell(numbers: Sequence[Any]) -> Cell:
    orders, amount, credit_notes, credited = numbers
    return Cell(int(orders), amount, int(credit_notes), credited)


def _mix(currency: str, months: tuple[date, ...], found: Found, frame: Frame) -> Mix:
    channels = {channel for _month, channel, money in found if money == currency}
    rows = {
        channel: tuple(
            found.get((month, channel, currency), Cell()) for month in months
        )
        for channel in sorted(channels, key=_order)
    }
    whole = _sum(cell for cells in rows.values() for cell in cells)
    lines = tuple(
        _line(channel, cells, whole, _address(channel, currency, frame))
        for channel, cells in rows.items()
    )
    return Mix(currency, months, lines, whole)


def _line(channel: str, cells: tuple[Cell, ...], whole: Cell, url: str) -> Line:
    total, label = _sum(cells), label_of(channel)
    return Line(channel, label, cells, total, _share(total.orders, whole.orders), url)


def label_of(channel: str) -> Label:
    return journal_channels.LABELS.get(channel, channel)


def _address(channel: str, currency: str, frame: Frame) -> str:
    slug = f"channel.{channel}.{currency}"
    query = frame.query(list=slug, unit=Unit.ACCOUNT)
    return f"{reverse('adoption:names')}?{query}"


def _order(channel: str) -> int:
    known = list(journal_channels.LABELS)
    return known.index(channel) if channel in known else len(known)


def _sum(cells: Iterable[Cell]) -> Cell:
    return sum(cells, Cell())


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None
