"""How long an offered seat is hers: hours, but never such as end while she sleeps."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from campaigns.sequences import schedule

MORNING, EVENING = time(8), time(20)
#: After a night she has at least so long.
AFTER_WAKING = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Window:
    """``tell_at``: when the message goes out; ``until``: when the offer ends."""

    tell_at: datetime
    until: datetime


def claim(at: datetime, zone: str, *, hours: int, latest: datetime) -> Window:
    """The window of an offer made at *at* to somebody in *zone*.

    It begins with the message, which waits for the morning; one that would end at
    night ends two hours into the day. It never lasts beyond *latest*; where that is
    so near that she would sleep through it, she is told at once.
    """
    tell_at = quiet(at, zone, latest=latest)
    until = tell_at + timedelta(hours=hours)
    if is_night(until, zone):
        until = _next_morning(until, zone) + AFTER_WAKING
    return Window(tell_at, min(until, latest))


def quiet(at: datetime, zone: str, *, latest: datetime) -> datetime:
    """*at*, or the morning after where it is night; at once if that were too late."""
    morning = _next_morning(at, zone) if is_night(at, zone) else at
    return morning if morning < latest else at


def is_night(at: datetime, zone: str) -> bool:
    local = at.astimezone(schedule.zone_of(zone)).time()
    return not MORNING <= local < EVENING


def _next_morning(at: datetime, zone: str) -> datetime:
    local = at.astimezone(schedule.zone_of(zone))
    day = local.date() + timedelta(days=local.time() >= MORNING)
    return schedule.instant(day, MORNING, zone)
