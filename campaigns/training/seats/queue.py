"""The waiting list: who is next, and the places offered to them.

Served by priority, then in the order in which bookings came in. A booking is offered
all its seats or none: one that needs more than are free lets smaller ones pass and
keeps its place, for it has no right to what would not do for it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Count

from campaigns.training.models import Seat, Session

from . import counts, history, windows
from .acts import Act
from .locks import Held

OFFER = "offer"
WAITING = Seat.State.WAITING


@dataclass(frozen=True, slots=True)
class Party:
    """A booking that waits, and its seats."""

    session: Session
    seats: list[Seat]
    zone: str


def promote(held: Held, at: datetime) -> list[Seat]:
    """Offer whatever is free in the sessions held; the seats that are offered now."""
    open_for = [
        one
        for one in held.sessions.values()
        if not one.is_cancelled and one.starts_at > at and held.free(one) > 0
    ]
    offered: list[Seat] = []
    for party in _parties(held, open_for):
        if len(party.seats) <= held.free(party.session):
            _offer(held, party, at)
            offered += party.seats
    return offered


def _parties(held: Held, sessions: Iterable[Session]) -> Iterator[Party]:
    """Across the dates of a pool in one order: the earliest is served first."""
    ids = [session.pk for session in sessions]
    if not ids:
        return
    waiting = Seat.objects.waiting().filter(session__in=ids)
    rows = waiting.select_related("booking__contact__account", "account")
    for _booking, seats in groupby(rows, key=lambda seat: seat.booking_id):
        party = list(seats)
        yield Party(held[party[0].session_id], party, _zone(party[0]))


def _zone(seat: Seat) -> str:
    """Where the one lives who is told of the offer."""
    contact = seat.booking.contact
    if contact is None:
        return seat.account.time_zone
    return contact.time_zone or contact.account.time_zone


def _offer(held: Held, party: Party, at: datetime) -> None:
    session = party.session
    window = windows.claim(
        at, party.zone, hours=session.claim_hours, latest=session.starts_at
    )
    counts.take(held, session, len(party.seats))
    act = Act(at, source="")
    history.turn(
        party.seats, Seat.State.OFFERED, act, tell=OFFER, expires_at=window.until
    )


def positions(seats: Iterable[Seat]) -> dict[int, int]:
    """Seat id → her place in the queue, 1 for who is next; for those that wait.

    Colleagues of one booking share its first place.
    """
    asked = {one.pk: one.session_id for one in seats if one.state == WAITING}
    found: dict[int, int] = {}
    for session_id in set(asked.values()):
        found |= _places(session_id)
    return {pk: found[pk] for pk in asked if pk in found}


def _places(session_id: int) -> dict[int, int]:
    found: dict[int, int] = {}
    rows = Seat.objects.waiting().filter(session=session_id)
    for _booking, party in groupby(rows, key=lambda seat: seat.booking_id):
        first = len(found) + 1
        found |= dict.fromkeys((seat.pk for seat in party), first)
    return found


def length(session_id: int) -> int:
    """How many seats are waited for."""
    found = Seat.objects.waiting().filter(session=session_id)
    counted: int = found.order_by().aggregate(number=Count("pk"))["number"]
    return counted
