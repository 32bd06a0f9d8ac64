"""Takes a chunk's places in the lanes of its provider: all or some of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.sequences.brakes import lanes, limits
from campaigns.sequences.brakes.limits import Level
from campaigns.sequences.models import Lane


@dataclass(slots=True)
class Shared:
    """Delivery id → its lanes, of those that may go; when the next turn is of those
    whose domain is full; and those for whom the whole provider has no room."""

    places: dict[int, tuple[int, ...]] = field(default_factory=dict)
    turns: dict[int, datetime] = field(default_factory=dict)
    back: list[int] = field(default_factory=list)


def share(provider: str, addresses: Mapping[int, str], at: datetime) -> Shared:
    """*addresses*: by delivery id, in the order in which they are to go."""
    with lanes.locked(provider) as rows:
        shared, full = _sort(rows, addresses, at)
        taken = Counter(pk for places in shared.places.values() for pk in places)
        for lane in rows:
            level = lanes.level_of(lane, at)
            _granted, level = limits.take(lanes.limits_of(lane), level, taken[lane.pk])
            lanes.keep(lane, level)
            _book(lane, level, full.get(lane.pk, ()), shared, at)
        lanes.save(rows)
    return shared


def _sort(
    rows: Sequence[Lane], addresses: Mapping[int, str], at: datetime
) -> tuple[Shared, dict[int, list[int]]]:
    """Who goes; and by lane those who found it full."""
    own = rows[0]
    lane_of = {domain.lower(): lane for lane in rows for domain in lane.domains}
    left = {lane.pk: _room(lane, at, len(addresses)) for lane in rows}
    shared, full = Shared(), dict[int, list[int]]()
    for pk, address in addresses.items():
        lane = lane_of.get(address.rpartition("@")[2].lower(), own)
        if lane is not own and not left[lane.pk]:
            full.setdefault(lane.pk, []).append(pk)
        elif not left[own.pk]:
            shared.back.append(pk)
        else:
            places = tuple({own.pk: 0, lane.pk: 0})
            shared.places[pk] = places
            for place in places:
                left[place] -= 1
    return shared, full


def _room(lane: Lane, at: datetime, wanted: int) -> int:
    free = limits.room(lanes.limits_of(lane), lanes.level_of(lane, at))
    return wanted if free is None else min(free, wanted)


def _book(
    lane: Lane, level: Level, waiting: Sequence[int], shared: Shared, at: datetime
) -> None:
    """Give those who wait for *lane* their turns, behind those who wait already."""
    if not waiting:
        return
    turns = limits.turns(
        lanes.limits_of(lane),
        level,
        len(waiting),
        after=max(at, lane.booked_until or at),
        tomorrow=lanes.tomorrow(at),
    )
    shared.turns.update(zip(waiting, turns, strict=True))
    lane.booked_until = turns[-1]
