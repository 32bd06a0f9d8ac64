"""A time zone as calendars want it spelt out: its changes around given instants.

icalendar's own writer puts the onset of summer time an hour late (7.3: 03:00 where
RFC 5545, 3.6.5 wants the wall clock before the change, 02:00).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar import Component, Timezone

DAY = timedelta(days=1)
#: So far around the appointments the rules are told: one clock change at least.
AROUND = timedelta(days=370)


def describe(name: str, first: datetime, last: datetime) -> "Timezone":
    """The VTIMEZONE of *name*, true from a year before *first* to one after *last*."""
    from icalendar import Timezone  # noqa: PLC0415 - heavy, see `entries`

    zone = ZoneInfo(name)
    begin = first.astimezone(UTC) - AROUND
    written = Timezone()
    written.add("tzid", name)
    start = begin.astimezone(zone)
    written.add_component(_rule(start, start.utcoffset()))
    for change in changes(zone, begin, last.astimezone(UTC) + AROUND):
        before = (change - timedelta(seconds=1)).astimezone(zone).utcoffset()
        written.add_component(_rule(change.astimezone(zone), before))
    return written


def changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The instants, in UTC, from which another offset holds."""
    day = begin
    while day < end:
        if _offset(zone, day) != _offset(zone, day + DAY):
            yield _onset(zone, day, day + DAY)
        day += DAY


def _onset(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second of the new offset, halved in on."""
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        middle = middle.replace(microsecond=0)
        if _offset(zone, middle) == _offset(zone, after):
            after = middle
        else:
            before = middle
    return after


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()


def _rule(onset: datetime, before: timedelta | None) -> "Component":
    """From *onset* on its offset holds; its wall clock is told as it was *before*."""
    from icalendar import TimezoneDaylight, TimezoneStandard  # noqa: PLC0415 - heavy

    rule = TimezoneDaylight() if onset.dst() else TimezoneStandard()
    offset = before or timedelta()
    rule.add("dtstart", (onset.astimezone(UTC) + offset).replace(tzinfo=None))
    rule.add("tzoffsetfrom", offset)
    rule.add("tzoffsetto", onset.utcoffset())
    rule.add("tzname", onset.tzname())
    return rule
