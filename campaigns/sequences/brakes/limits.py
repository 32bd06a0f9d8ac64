"""How many messages a lane lets through now: pure arithmetic, without a clock.

A bucket holds a sixth of the minute's limit and fills up with the rest, so that no
stretch of sixty seconds sees more than the limit, however senders come and go.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import ceil, floor

#: After so many days of warm-up any growth has left every real list behind.
_LONGEST_WARM_UP = 90
#: Where only a day's number is limited, messages that wait come so far apart.
_NEXT = timedelta(seconds=1)
#: What is lost where seconds become floats; far less than a message.
_GRAIN = 1e-6


@dataclass(frozen=True, slots=True)
class Limits:
    """None: no limit. ``growth`` is in percent a day."""

    per_minute: int | None = None
    per_day: int | None = None
    first_day: int | None = None
    growth: int = 50

    @property
    def are_none(self) -> bool:
        return self.per_minute is None and self.of_day(0) is None

    @property
    def burst(self) -> float:
        """What a full bucket holds."""
        return float(max(1, (self.per_minute or 0) // 6))

    @property
    def per_second(self) -> float:
        """How fast it fills up."""
        return max((self.per_minute or 0) - self.burst, 1.0) / 60

    def of_day(self, earlier: int) -> int | None:
        """The day's number, when something was sent on *earlier* days before it."""
        if self.first_day is None or earlier > _LONGEST_WARM_UP:
            return self.per_day
        grown = ceil(self.first_day * (1 + self.growth / 100) ** earlier - _GRAIN)
        return grown if self.per_day is None else min(grown, self.per_day)


@dataclass(frozen=True, slots=True)
class Level:
    """How much is used. ``tokens`` None: the bucket has not been needed yet."""

    tokens: float | None = None
    at: datetime | None = None
    day: date | None = None
    taken: int = 0
    earlier: int = 0


def fill(limits: Limits, level: Level, at: datetime, today: date) -> Level:
    """The level as it is at a later time; an earlier one changes nothing."""
    if level.day is None or today > level.day:
        earlier = level.earlier + (level.taken > 0)
        level = replace(level, day=today, taken=0, earlier=earlier)
    if limits.per_minute is None:
        return replace(level, tokens=None, at=at)
    if level.tokens is None or level.at is None:
        return replace(level, tokens=limits.burst, at=at)
    passed = max((at - level.at).total_seconds(), 0.0)
    tokens = min(level.tokens + passed * limits.per_second, limits.burst)
    return replace(level, tokens=tokens, at=max(at, level.at))


def room(limits: Limits, level: Level) -> int | None:
    """How many may go at once; None: as many as there are."""
    found = []
    if limits.per_minute is not None:
        found.append(floor((level.tokens or 0.0) + _GRAIN))
    if (of_day := limits.of_day(level.earlier)) is not None:
        found.append(max(of_day - level.taken, 0))
    return min(found, default=None)


def take(limits: Limits, level: Level, wanted: int) -> tuple[int, Level]:
    """Take up to *wanted* out of a filled level."""
    free = room(limits, level)
    granted = wanted if free is None else min(wanted, free)
    tokens = None if level.tokens is None else level.tokens - granted
    return granted, replace(level, tokens=tokens, taken=level.taken + granted)


def give_back(limits: Limits, level: Level, number: int) -> Level:
    """What was taken and not used."""
    tokens = level.tokens
    if tokens is not None:
        tokens = min(tokens + number, limits.burst)
    return replace(level, tokens=tokens, taken=max(level.taken - number, 0))


def turns(
    limits: Limits,
    level: Level,
    number: int,
    *,
    after: datetime,
    tomorrow: datetime,
) -> list[datetime]:
    """When *number* messages that found no room get theirs, one after the other.

    Not before *after*; where today's number is used up, not before *tomorrow*.
    """
    apart = _apart(limits.per_minute) if limits.per_minute else _NEXT
    of_day = limits.of_day(level.earlier)
    begin = after + apart
    if of_day is not None and level.taken >= of_day:
        begin = max(begin, tomorrow)
    per_day = timedelta(days=1) // apart if of_day is None else of_day
    return [
        begin + timedelta(days=n // per_day) + apart * (n % per_day)
        for n in range(number)
    ]


def _apart(per_minute: int) -> timedelta:
    # Rounded up, or one too many would fit into a minute.
    return timedelta(microseconds=ceil(60_000_000 / per_minute))
