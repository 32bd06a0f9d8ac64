"""Putting a session in order: what has lapsed is freed, what is free is offered."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from campaigns.training.models import Seat, Session

from . import counts, history, queue
from .acts import Act
from .locks import Held, hold

#: A session's turn is one short transaction; a sweep does so many of them.
BATCH = 200


def settle(held: Held, at: datetime) -> int:
    """End what has lapsed, close what has begun, offer what is free; seats changed."""
    ended = _lapse(held, at) + _close_queues(held, at)
    return ended + len(queue.promote(held, at))


def sweep(at: datetime, limit: int = BATCH) -> int:
    """Settle every session that needs it; how many seats changed.

    May be repeated at any time, and two at once do no harm: the second finds nothing
    left to do.
    """
    return sum(_settle_one(session_id, at) for session_id in _needing(at, limit))


def _settle_one(session_id: int, at: datetime) -> int:
    with transaction.atomic():
        return settle(hold([session_id]), at)


def _needing(at: datetime, limit: int) -> list[int]:
    """Where something has lapsed or begun, and where places wait for the queue.

    The last should not be: deeds promote by themselves. It mends what was changed
    past them.
    """
    late = Q(state__in=Seat.TIMED, expires_at__lte=at)
    begun = Q(state__in=UNDECIDED, session__starts_at__lte=at)
    passed_over = Q(
        state=Seat.State.WAITING,
        session__state=Session.State.PLANNED,
        session__starts_at__gt=at,
        session__taken__lt=F("session__capacity"),
    )
    found = Seat.objects.filter(late | begun | passed_over)
    sessions = found.order_by("session_id").values_list("session_id", flat=True)
    return list(sessions.distinct()[:limit])


def _lapse(held: Held, at: datetime) -> int:
    late = Seat.objects.lapsed(at).filter(session__in=held.sessions)
    return _expire(held, list(late.order_by("pk")), at)


def _close_queues(held: Held, at: datetime) -> int:
    """Once it has begun nobody waits for it any more, nor decides."""
    begun = [pk for pk, session in held.sessions.items() if session.starts_at <= at]
    if not begun:
        return 0
    left = Seat.objects.filter(session__in=begun, state__in=UNDECIDED)
    return _expire(held, list(left.order_by("pk")), at)


def _expire(held: Held, seats: Sequence[Seat], at: datetime) -> int:
    for state, tell in TOLD.items():
        some = [seat for seat in seats if seat.state == state]
        release(held, some)
        history.turn(some, Seat.State.EXPIRED, Act(at, source=""), tell=tell)
    return len(seats)


UNDECIDED = (Seat.State.WAITING, *Seat.TIMED)
#: What the owner hears when her seat lapses: nothing of what she only waited for.
TOLD = {
    Seat.State.OFFERED: "offer_ended",
    Seat.State.HELD: "",
    Seat.State.WAITING: "",
}


def release(held: Held, seats: Iterable[Seat]) -> None:
    """Give back the places of *seats*, which are about to have none."""
    placed = (seat for seat in seats if seat.state in Seat.TAKING and not seat.walk_in)
    for session_id, number in Counter(seat.session_id for seat in placed).items():
        counts.give_back(held, held[session_id], number)
