"""Booking one seat or several: at once while there are enough, else in the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.customers.models import Buyer
from campaigns.training import kinds
from campaigns.training.models import Booking, Seat, Session

from . import counts, history, queue, settling
from .acts import Act, Guest, Refused
from .locks import Held
from .locks import hold as hold_sessions

CONFIRMATION, WAITING = "booked", "waiting"


@dataclass(frozen=True, slots=True)
class Booked:
    """What came of it. ``is_new`` is False for a repeat: then nothing was changed.

    ``position`` is the first place in the queue, 0 for who need not wait.
    """

    booking: Booking
    seats: Sequence[Seat]
    is_new: bool = True
    position: int = 0

    @property
    def state(self) -> str:
        return self.seats[0].state


def book(
    session_id: int,
    guests: Sequence[Guest],
    act: Act,
    *,
    account_id: int,
    contact_id: int | None = None,
    wait: bool = True,
    priority: int = 0,
    key: UUID | None = None,
) -> Booked:
    """Book a seat for each of *guests*, all together, or put them into the queue.

    ``contact_id`` is the buyer who is told of offers; without one, the first guest
    known to us. ``key`` makes a repeat of a booking for several harmless; a single
    buyer who has a seat or waits already gets that one as the answer.
    """
    plan = _Plan(session_id, guests, act, account_id, contact_id, priority, key)
    if not wait:
        _turn_away_early(session_id, act.at)
    with transaction.atomic():
        held = hold_sessions([session_id])
        if (found := plan.find()) is not None:
            return found
        settling.settle(held, act.at)
        session = held[session_id]
        plan.check(held, session)
        if len(guests) <= held.free(session):
            counts.take(held, session, len(guests))
            return plan.write(Seat.State.BOOKED, tell=CONFIRMATION, kind=kinds.BOOKED)
        if not (wait and session.has_waiting_list):
            raise Refused("full")
        return plan.write(Seat.State.WAITING, tell=WAITING, kind=kinds.WAITLISTED)


def hold(
    session_id: int,
    guests: Sequence[Guest],
    act: Act,
    *,
    account_id: int,
    until: datetime,
    contact_id: int | None = None,
    key: UUID | None = None,
) -> Booked:
    """Keep places until *until*, for a company that has yet to say who comes."""
    plan = _Plan(session_id, guests, act, account_id, contact_id, 0, key)
    with transaction.atomic():
        held = hold_sessions([session_id])
        if (found := plan.find()) is not None:
            return found
        settling.settle(held, act.at)
        session = held[session_id]
        plan.check(held, session)
        ends = min(until, session.starts_at)
        if ends <= act.at:
            raise Refused("past")
        counts.take(held, session, len(guests))
        return plan.write(Seat.State.HELD, expires_at=ends)


def confirm(booking: Booking, act: Act) -> list[Seat]:
    """Turn the held seats of *booking* into booked ones, all of them."""
    with transaction.atomic():
        held = hold_sessions(_sessions_of(booking))
        settling.settle(held, act.at)
        seats = list(booking.seats.filter(state=Seat.State.HELD).order_by("pk"))
        if not seats and not booking.seats.filter(state=Seat.State.BOOKED).exists():
            raise Refused("gone")
        history.turn(
            seats,
            Seat.State.BOOKED,
            act,
            tell=CONFIRMATION,
            kind=kinds.BOOKED,
            booked_at=act.at,
        )
        return seats


def _sessions_of(booking: Booking) -> set[int]:
    return set(booking.seats.values_list("session_id", flat=True))


def _turn_away_early(session_id: int, at: datetime) -> None:
    """A rush on the last seats need not queue for the lock to hear that it is full.

    Unless something there has lapsed: that is for the lock to find out.
    """
    session = Session.objects.select_related("pool").get(pk=session_id)
    lapsed = Seat.objects.lapsed(at).filter(session=session_id)
    if session.free <= 0 and not session.pool_id and not lapsed.exists():
        raise Refused("full")


@dataclass(frozen=True, slots=True)
class _Plan:
    session_id: int
    guests: Sequence[Guest]
    act: Act
    account_id: int
    contact_id: int | None
    priority: int
    key: UUID | None

    def find(self) -> Booked | None:
        """What an earlier try of the same came to."""
        if self.key is not None:
            booking = Booking.objects.filter(uuid=self.key).first()
            return self._again(booking) if booking else None
        if len(self.guests) != 1 or self.guests[0].buyer_id is None:
            return None
        mine = Seat.objects.live().filter(
            session=self.session_id, buyer=self.guests[0].buyer_id
        )
        seat = mine.select_related("booking").first()
        return self._again(seat.booking) if seat else None

    def _again(self, booking: Booking) -> Booked:
        seats = list(booking.seats.order_by("pk"))
        position = queue.positions(seats).get(seats[0].pk, 0)
        return Booked(booking, seats, is_new=False, position=position)

    def check(self, held: Held, session: Session) -> None:
        """Raise `Refused` for what cannot be, whether or not seats are free."""
        self._check_time(session)
        number = len(self.guests)
        pool = held.pool_of(session)
        if number > session.capacity or (pool and number > pool.capacity) or not number:
            raise Refused("too_many")
        if session.account_id not in {None, self.account_id}:
            raise Refused("not_for_them")
        self._check_guests()
        self._check_company(session)

    def _check_time(self, session: Session) -> None:
        at = self.act.at
        if session.is_cancelled:
            raise Refused("cancelled")
        if at >= session.starts_at:
            raise Refused("closed")
        if self.act.is_staff:
            return
        if session.bookable_from and at < session.bookable_from:
            raise Refused("not_open")
        if at >= session.booking_ends:
            raise Refused("closed")

    def _check_guests(self) -> None:
        known = [one.buyer_id for one in self.guests if one.buyer_id is not None]
        found = Buyer.objects.filter(pk__in=known, account=self.account_id, active=True)
        if found.count() != len(known):
            raise Refused("inactive")
        live = Seat.objects.live().filter(session=self.session_id, buyer__in=known)
        if live.exists():
            raise Refused("already")

    def _check_company(self, session: Session) -> None:
        if session.seats_per_account is None or self.act.is_staff:
            return
        theirs = Seat.objects.live().filter(session=session, account=self.account_id)
        if theirs.count() + len(self.guests) > session.seats_per_account:
            raise Refused("company_limit")

    def write(
        self,
        state: str,
        *,
        expires_at: datetime | None = None,
        tell: str = "",
        kind: str = "",
    ) -> Booked:
        booking = self._write_booking()
        is_booked = state == Seat.State.BOOKED
        seats = Seat.objects.bulk_create(
            Seat(
                session_id=self.session_id,
                booking=booking,
                account_id=self.account_id,
                buyer_id=guest.buyer_id,
                guest_name=guest.name,
                state=state,
                expires_at=expires_at,
                created_at=self.act.at,
                booked_at=self.act.at if is_booked else None,
            )
            for guest in self.guests
        )
        history.note(seats, self.act, tell=tell, kind=kind)
        waits = state == Seat.State.WAITING
        position = queue.positions(seats)[seats[0].pk] if waits else 0
        return Booked(booking, seats, position=position)

    def _write_booking(self) -> Booking:
        known = [one.buyer_id for one in self.guests if one.buyer_id is not None]
        booking = Booking(
            account_id=self.account_id,
            contact_id=self.contact_id or next(iter(known), None),
            by=self.act.by,
            source=self.act.source,
            priority=self.priority,
            created_at=self.act.at,
        )
        if self.key is not None:
            booking.uuid = self.key
        booking.save(force_insert=True)
        return booking
