"""A provider's lanes as senders and people change them; what one does, all see."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Greatest

from accounts.staff.models import User
from campaigns.sequences import nudge
from campaigns.sequences.brakes import defaults, limits
from campaigns.sequences.brakes.limits import Level, Limits
from campaigns.sequences.models import Lane, SendingAct

log = structlog.get_logger(__name__)

_SETTINGS = ("domains", "per_minute", "per_day", "first_day", "growth")
_LEVEL = ("tokens", "filled_at", "day", "taken", "earlier_days")
_Act = SendingAct.Act


def of(provider: str) -> list[Lane]:
    """All lanes of *provider*, its own first; made with its defaults when new."""
    found = _ordered(Lane.objects.filter(provider=provider))
    if found and not found[0].domains:
        return found
    make(provider)
    return _ordered(Lane.objects.filter(provider=provider))


def make(provider: str) -> None:
    """The provider's own lane, unless there is one."""
    values = asdict(defaults.of(provider))
    Lane.objects.bulk_create([Lane(provider=provider, **values)], ignore_conflicts=True)


def limits_of(lane: Lane) -> Limits:
    return Limits(lane.per_minute, lane.per_day, lane.first_day, lane.growth)


def level_of(lane: Lane, at: datetime) -> Level:
    """How full it is at that time."""
    level = Level(lane.tokens, lane.filled_at, lane.day, lane.taken, lane.earlier_days)
    return limits.fill(limits_of(lane), level, at, today(at))


def today(at: datetime) -> date:
    """The day that daily limits count by: that of the installation."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def tomorrow(at: datetime) -> datetime:
    zone = ZoneInfo(settings.TIME_ZONE)
    day = today(at) + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=zone)


@contextmanager
def locked(provider: str) -> Iterator[list[Lane]]:
    """Its lanes, in one order, held until the block ends."""
    with transaction.atomic():
        rows = Lane.objects.select_for_update(no_key=True).order_by("id")
        yield _ordered(rows.filter(provider=provider))


def keep(lane: Lane, level: Level) -> None:
    """Write the level of a locked lane down."""
    lane.tokens, lane.filled_at, lane.day = level.tokens, level.at, level.day
    lane.taken, lane.earlier_days = level.taken, level.earlier


def save(lanes: Sequence[Lane]) -> None:
    """Levels and turns of locked lanes: one statement."""
    Lane.objects.bulk_update(lanes, [*_LEVEL, "booked_until"])


def set_limits(lane: Lane) -> None:
    """Save what a person set, and nothing of what senders write into the row.

    A warm-up that is changed begins with its first day.
    """
    with transaction.atomic():
        before = Lane.objects.select_for_update().filter(pk=lane.pk).first()
        if before is None:
            lane.save()
            return
        changed = set(_SETTINGS)
        if before.per_minute != lane.per_minute:
            lane.tokens = lane.filled_at = lane.booked_until = None
            changed |= {"tokens", "filled_at", "booked_until"}
        if before.first_day != lane.first_day:
            lane.earlier_days = 0
            changed |= {"earlier_days"}
        lane.save(update_fields=changed)


def give_back(provider: str, unused: Mapping[int, int], at: datetime) -> None:
    """Lane id → how many of those taken have not gone out after all."""
    with locked(provider) as lanes:
        changed = [lane for lane in lanes if unused.get(lane.pk)]
        for lane in changed:
            level = level_of(lane, at)
            keep(lane, limits.give_back(limits_of(lane), level, unused[lane.pk]))
        save(changed)


def wait(provider: str, until: datetime) -> None:
    """Nobody hands anything over before *until*; an earlier time shortens nothing."""
    Lane.objects.filter(provider=provider, domains=[]).update(
        not_before=Greatest("not_before", until)
    )
    log.warning("provider_asks_to_wait", provider=provider, until=until.isoformat())


def stop(
    provider: str,
    reason: str,
    at: datetime,
    *,
    detail: str = "",
    by: User | None = None,
) -> bool:
    """Nothing more goes out through *provider* until a person resumes it.

    *reason* is a slug of `reasons`, or a person's words. False: it was stopped.
    """
    make(provider)
    with transaction.atomic():
        stopped = Lane.objects.filter(
            provider=provider, domains=[], stopped_at=None
        ).update(
            stopped_at=at,
            stopped_because=reason[:40],
            stopped_detail=detail[:300],
        )
        if stopped:
            _note(_Act.STOPPED, provider, by, at, reason)
    if stopped:
        log.error("provider_stopped", provider=provider, by_itself=by is None)
    return bool(stopped)


def resume(provider: str, by: User, at: datetime) -> bool:
    """Let it send again; False if it was not stopped."""
    with transaction.atomic():
        resumed = (
            Lane.objects.filter(provider=provider, domains=[])
            .exclude(stopped_at=None)
            .update(
                stopped_at=None,
                stopped_because="",
                stopped_detail="",
                not_before=None,
                trouble="",
                trouble_at=None,
            )
        )
        if resumed:
            _note(_Act.RESUMED, provider, by, at)
            nudge.on_commit(nudge.SEND)
    return bool(resumed)


def note_trouble(provider: str, trouble: str, at: datetime) -> None:
    """Nothing could be handed over, and why; empty when something could again."""
    Lane.objects.filter(provider=provider, domains=[]).update(
        trouble=trouble[:300], trouble_at=at if trouble else None
    )


def _note(
    act: str, provider: str, by: User | None, at: datetime, reason: str = ""
) -> None:
    SendingAct.objects.create(
        act=act, subject=provider, by=by, at=at, reason=reason[:300]
    )


def _ordered(rows: Iterable[Lane]) -> list[Lane]:
    """The provider's own before those for domains."""
    return sorted(rows, key=lambda lane: (bool(lane.domains), lane.pk))
