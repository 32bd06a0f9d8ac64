"""When a step goes out: wall-clock times in the buyer's own zone. Pure functions.

A time that a clock change leaves out moves forward (02:30 becomes 03:30), one that
it brings twice means the first; "one day later" is the same wall-clock time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from campaigns.sequences import public_holidays

#: Monday to Friday.
_WORKING_WEEKDAYS = range(5)
#: A mail that could not go out at its hour still may until evening, local time.
MORNING, EVENING = time(8), time(20)
#: One whose hour lies outside of the day may for so long.
_GRACE = timedelta(hours=4)
#: No country has so many days in a row without a working day.
_HORIZON = 60


@dataclass(frozen=True, slots=True)
class Rule:
    """When one step goes out, as its author said it."""

    wait_days: int = 0
    send_at: time = time(9, 30)
    working_days: bool = True


class Place(NamedTuple):
    """Where a buyer is: an IANA zone, and a country (two letters) for holidays."""

    zone: str
    country: str = ""


def first_due(rule: Rule, place: Place, *, at: datetime) -> datetime:
    """The first sending hour at or after *at*, *rule.wait_days* counted from it."""
    zone = zone_of(place.zone)
    return _search(rule, place, at.astimezone(zone).date(), lambda due: due >= at)


def first_from(rule: Rule, place: Place, *, day: date, at: datetime) -> datetime:
    """The first sending hour on *day*, by her calendar, or later; not before *at*."""
    return _search(rule, place, day, lambda due: due >= at)


def next_due(rule: Rule, place: Place, *, after: datetime) -> datetime:
    """The sending hour *rule.wait_days* after *after*; always later than it."""
    zone = zone_of(place.zone)
    return _search(rule, place, after.astimezone(zone).date(), lambda due: due > after)


def next_opening(rule: Rule, place: Place, *, after: datetime) -> datetime:
    """The next sending hour, however long the step was to wait in the beginning."""
    return next_due(Rule(0, rule.send_at, rule.working_days), place, after=after)


def is_open(rule: Rule, place: Place, *, at: datetime) -> bool:
    """May a message that is due go out at *at*, by day and hour where she is?"""
    local = at.astimezone(zone_of(place.zone))
    if rule.working_days and not is_working(local.date(), place.country):
        return False
    return min(MORNING, rule.send_at) <= local.time() < _closing(rule.send_at)


def instant(day: date, hour: time, zone: str) -> datetime:
    """The UTC instant at which the clocks of *zone* show *day* and *hour*.

    ``fold=0`` gives the first of two, and a left-out time by the offset before the
    gap, which lands behind it.
    """
    wall = datetime.combine(day, hour, tzinfo=zone_of(zone)).replace(fold=0)
    return wall.astimezone(UTC)


def wall_clock(at: datetime, zone: str) -> str:
    """ "2026-11-22 09:30", as the clocks of *zone* show it."""
    return at.astimezone(zone_of(zone)).strftime("%Y-%m-%d %H:%M")


def is_working(day: date, country: str = "") -> bool:
    return day.weekday() in _WORKING_WEEKDAYS and not is_holiday(day, country)


def is_holiday(day: date, country: str = "") -> bool:
    """A public holiday of the whole country; never one of a country not named."""
    return day in public_holidays.of(country, day.year)


@cache
def zone_of(name: str) -> ZoneInfo:
    """The zone, or UTC for a name that the system does not know (any more)."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _search(
    rule: Rule, place: Place, day: date, fits: Callable[[datetime], bool]
) -> datetime:
    zone = zone_of(place.zone)
    for ahead in range(rule.wait_days, rule.wait_days + _HORIZON):
        due = instant(day + timedelta(days=ahead), rule.send_at, place.zone)
        # Its own day: a zone that jumps over one (Apia, 30 December 2011) lands later.
        landed = due.astimezone(zone).date()
        if fits(due) and not (
            rule.working_days and not is_working(landed, place.country)
        ):
            return due
    raise ValueError(f"No working day within {_HORIZON} days in {place}.")


def _closing(hour: time) -> time:
    if hour < EVENING:
        return EVENING
    until = datetime.combine(date.min, hour) + _GRACE
    return until.time() if until.date() == date.min else time.max
