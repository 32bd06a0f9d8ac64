"""Sending at this moment: one frozen reading, which page, JSON and metrics share.

A handful of statements, each served by an index, whatever is in the tables.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from django.db import connection

from campaigns.sequences import arming, reasons
from campaigns.sequences.arming import State
from campaigns.sequences.brakes import lanes, limits, thresholds
from campaigns.sequences.brakes.rates import Level
from campaigns.sequences.brakes.thresholds import Finding
from campaigns.sequences.models import Campaign, Delivery, Heartbeat, Lane, Tally

#: Who has not shown himself for so long is not at work.
ALIVE = timedelta(seconds=30)
#: Longer than this after its time, the oldest message is late.
LATE = timedelta(minutes=5)
#: What the curve shows.
HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
#: So many errors are shown; the lists have the others.
_ERRORS = 8
_PARTS = ("dispatcher", "worker", "beat")
_FATES = ("sent", "failed", "unknown", "later")


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits of one campaign; ``campaign_id`` None: notices."""

    campaign_id: int | None
    name: str
    state: str
    pause_reason: str
    due: int
    oldest: datetime | None
    later: int

    @property
    def moves(self) -> bool:
        return self.state == Campaign.State.RUNNING

    @property
    def why(self) -> str:
        return reasons.label(self.pause_reason) if self.pause_reason else ""


@dataclass(frozen=True, slots=True)
class Way:
    """One lane: what it does, what it may, and what holds it."""

    lane: Lane
    per_minute: float
    hour: Mapping[str, int]
    taken: int
    of_day: int | None
    room: int | None
    at: datetime

    @property
    def is_own(self) -> bool:
        return not self.lane.domains

    @property
    def is_warming_up(self) -> bool:
        return self.lane.first_day is not None and self.of_day != self.lane.per_day

    @property
    def waits_until(self) -> datetime | None:
        until = self.lane.not_before
        return until if until and until > self.at else None

    @property
    def day_is_over(self) -> bool:
        return self.of_day is not None and self.taken >= self.of_day

    @property
    def state(self) -> str:
        """stopped, waiting, trouble, used_up or open."""
        if self.lane.stopped_at:
            return "stopped"
        if self.waits_until:
            return "waiting"
        if self.lane.trouble:
            return "trouble"
        return "used_up" if self.day_is_over else "open"

    @property
    def why(self) -> str:
        return reasons.label(self.lane.stopped_because)


@dataclass(frozen=True, slots=True)
class Mishap:
    """A message that failed, or of which nobody knows."""

    delivery_id: int
    campaign_id: int | None
    campaign: str
    buyer_id: int
    state: str
    reason: str
    detail: str
    provider: str
    at: datetime

    @property
    def why(self) -> str:
        return reasons.label(self.reason)


@dataclass(frozen=True)
class Live:
    at: datetime
    arming: State
    queues: Sequence[Queue]
    ways: Sequence[Way]
    #: Sent in each of the last sixty minutes, the oldest first.
    curve: Sequence[int]
    in_hand: int
    unknown: int
    mishaps: Sequence[Mishap]
    findings: Sequence[Finding]
    #: Part → how many instances are at work.
    alive: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def per_minute(self) -> float:
        return sum(way.per_minute for way in self.ways if way.is_own)

    @cached_property
    def due(self) -> int:
        """What could go out now, were there no brakes."""
        return sum(queue.due for queue in self.queues if queue.moves)

    @cached_property
    def held(self) -> int:
        """Due, and its campaign is paused."""
        return sum(queue.due for queue in self.queues if not queue.moves)

    @cached_property
    def later(self) -> int:
        return sum(queue.later for queue in self.queues)

    @cached_property
    def oldest(self) -> datetime | None:
        found = [one.oldest for one in self.queues if one.moves and one.oldest]
        return min((when for when in found if when <= self.at), default=None)

    @cached_property
    def oldest_seconds(self) -> int:
        return int((self.at - self.oldest).total_seconds()) if self.oldest else 0

    @cached_property
    def missing(self) -> list[str]:
        """Parts of which nobody is at work."""
        return [part for part in _PARTS if not self.alive.get(part)]

    @cached_property
    def is_late(self) -> bool:
        return self.oldest_seconds > LATE.total_seconds()

    @cached_property
    def state(self) -> str:
        """How it is on the whole: trouble, held, busy or idle."""
        troubled = any(way.state in {"stopped", "trouble"} for way in self.ways)
        if self.arming is not State.ARMED or troubled or "dispatcher" in self.missing:
            return "trouble"
        paused = [queue for queue in self.queues if not queue.moves and queue.why]
        if paused or self.findings or any(way.state == "waiting" for way in self.ways):
            return "held"
        return "busy" if self.per_minute or self.in_hand else "idle"


def read(at: datetime) -> Live:
    queues = _read_queues(at)
    tally = _read_tally(at)
    in_hand, unknown = _read_open()
    campaigns = [one.campaign_id for one in queues if one.campaign_id and one.moves]
    return Live(
        at=at,
        arming=arming.state(),
        queues=queues,
        ways=_read_ways(tally, at),
        curve=_draw(tally, at),
        in_hand=in_hand,
        unknown=unknown,
        mishaps=_read_mishaps(),
        findings=thresholds.judge(campaigns, at),
        alive=_read_alive(at),
    )


# Each campaign by itself, as the index has it; those that wait for nothing are left
# out by the page, not here: their brakes matter all the same.
_QUEUES = """
    WITH source AS (
        SELECT id, name, state, pause_reason FROM sequences_campaign
        WHERE state IN ('running', 'paused', 'starting')
    )
    SELECT source.id, source.name, source.state, source.pause_reason, waiting.*
    FROM source CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE due_at <= %(at)s), min(due_at),
               count(*) FILTER (WHERE due_at > %(at)s)
        FROM sequences_queued WHERE campaign_id = source.id) AS waiting
    UNION ALL
    SELECT NULL, '', 'running', '', count(*) FILTER (WHERE due_at <= %(at)s),
           min(due_at), count(*) FILTER (WHERE due_at > %(at)s)
    FROM sequences_queued WHERE campaign_id IS NULL
    ORDER BY 5 DESC, 1
"""


def _read_queues(at: datetime) -> list[Queue]:
    with connection.cursor() as cursor:
        cursor.execute(_QUEUES, {"at": at})
        return [Queue(*row) for row in cursor.fetchall()]


_OPEN = """
    SELECT (SELECT count(*) FROM sequences_delivery
            WHERE id = ANY(ARRAY(SELECT unnest(deliveries) FROM sequences_batch))
              AND state IN ('claimed', 'sending')),
           (SELECT count(*) FROM sequences_delivery WHERE is_unknown)
"""


def _read_open() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN)
        in_hand, unknown = cursor.fetchone()
    return in_hand, unknown


#: (provider, minute) → fate → number, of the last hour.
_Tallied = Mapping[tuple[str, datetime], Mapping[str, int]]


def _read_tally(at: datetime) -> _Tallied:
    found: dict[tuple[str, datetime], dict[str, int]] = defaultdict(
        lambda: dict.fromkeys(_FATES, 0)
    )
    rows = Tally.objects.filter(minute__gt=at - HOUR, minute__lte=at)
    for row in rows.only("provider", "minute", *_FATES):
        counted = found[row.provider, row.minute]
        for fate in _FATES:
            counted[fate] += getattr(row, fate)
    return found


def _read_ways(tally: _Tallied, at: datetime) -> list[Way]:
    rows = sorted(
        Lane.objects.all(), key=lambda one: (one.provider, bool(one.domains), one.pk)
    )
    return [_describe(lane, tally, at) for lane in rows]


def _describe(lane: Lane, tally: _Tallied, at: datetime) -> Way:
    level, rules = lanes.level_of(lane, at), lanes.limits_of(lane)
    own = {
        minute: counted
        for (provider, minute), counted in tally.items()
        if provider == lane.provider and not lane.domains
    }
    hour = {fate: sum(one[fate] for one in own.values()) for fate in _FATES}
    of_day = rules.of_day(level.earlier)
    room = limits.room(rules, level)
    rate = _rate({minute: one["sent"] for minute, one in own.items()}, at)
    return Way(lane, rate, hour, level.taken, of_day, room, at)


def _rate(sent: Mapping[datetime, int], at: datetime) -> float:
    """A minute's worth, from this minute and the one before it."""
    this = at.replace(second=0, microsecond=0)
    seconds = 60 + (at - this).total_seconds()
    return round((sent.get(this, 0) + sent.get(this - _MINUTE, 0)) * 60 / seconds, 1)


def _draw(tally: _Tallied, at: datetime) -> list[int]:
    this = at.replace(second=0, microsecond=0)
    sent: dict[datetime, int] = defaultdict(int)
    for (_provider, minute), counted in tally.items():
        sent[minute] += counted["sent"]
    return [sent[this - n * _MINUTE] for n in range(59, -1, -1)]


def _read_mishaps() -> list[Mishap]:
    rows = (
        Delivery.objects.filter(troubled_at__isnull=False)
        .select_related("campaign")
        .order_by("-troubled_at")[:_ERRORS]
    )
    return [
        Mishap(
            row.pk,
            row.campaign_id,
            row.campaign.name if row.campaign else "",
            row.buyer_id,
            row.state,
            row.reason,
            row.detail,
            row.transport,
            row.settled_at,
        )
        for row in rows
        if row.settled_at
    ]


def _read_alive(at: datetime) -> dict[str, int]:
    alive = dict.fromkeys(_PARTS, 0)
    rows = Heartbeat.objects.filter(part__in=_PARTS, at__gt=at - ALIVE)
    for part in rows.values_list("part", flat=True):
        alive[part] += 1
    return alive


__all__ = ["Level", "Live", "Mishap", "Queue", "Way", "read"]
