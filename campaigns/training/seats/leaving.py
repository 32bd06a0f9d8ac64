"""Giving a seat up, declining an offer, and moving to another date in one step."""

from collections.abc import Sequence

from django.db import transaction

from campaigns.training import kinds
from campaigns.training.models import Booking, Seat, Session

from . import counts, history, settling
from .acts import Act, Refused
from .locks import Held, hold

CANCELLED, MOVED, HUSH = "cancelled", "moved", "hush"
_LEAVABLE = (
    Seat.State.HELD,
    Seat.State.BOOKED,
    Seat.State.WAITING,
    Seat.State.OFFERED,
)


def cancel(seat: Seat, act: Act) -> bool:
    """Give up one seat, or a place in the queue; whether there was one to give up.

    It is offered at once to whoever waits first.
    """
    return _leave([seat.pk], act) == 1


def cancel_booking(booking: Booking, act: Act) -> int:
    """The same for all seats of a booking together; how many."""
    return _leave(list(booking.seats.values_list("pk", flat=True)), act)


def decline(booking: Booking, act: Act) -> int:
    """Say no to an offer: the seats go to the next in line in the same moment."""
    offered = booking.seats.filter(state=Seat.State.OFFERED)
    return _leave(list(offered.values_list("pk", flat=True)), act)


def vacate(ids: Sequence[int], act: Act) -> int:
    """Free the seats of somebody whom nothing can be told: her data were erased."""
    return _leave(ids, act, hushed=True)


def _leave(ids: Sequence[int], act: Act, *, hushed: bool = False) -> int:
    with transaction.atomic():
        rows = Seat.objects.filter(pk__in=ids)
        held = hold(set(rows.values_list("session_id", flat=True)))
        found = rows.filter(state__in=_LEAVABLE).order_by("pk")
        seats = list(found.select_related("booking"))
        if not hushed:
            _check_limit(held, seats, act)
        settling.release(held, seats)
        _turn(seats, act, tell=HUSH if hushed else CANCELLED)
        settling.settle(held, act.at)
    return len(seats)


def _check_limit(held: Held, seats: Sequence[Seat], act: Act) -> None:
    """Who only waits or was only offered a seat may leave at any time."""
    booked = [seat for seat in seats if seat.state == Seat.State.BOOKED]
    if act.is_staff:
        return
    if any(act.at >= held[seat.session_id].cancelling_ends for seat in booked):
        raise Refused("too_late")


def _turn(seats: Sequence[Seat], act: Act, tell: str) -> None:
    """Only who had a seat is told, and takes it out of her calendar."""
    had = [seat for seat in seats if seat.state == Seat.State.BOOKED]
    others = [seat for seat in seats if seat.state != Seat.State.BOOKED]
    history.turn(
        had,
        Seat.State.CANCELLED,
        act,
        tell=tell,
        kind=kinds.SEAT_CANCELLED,
        revise=True,
    )
    # An offer that still waits for the morning would come too late.
    history.turn(others, Seat.State.CANCELLED, act, tell=HUSH)


def move(seat: Seat, session_id: int, act: Act) -> Seat:
    """Take the seat to another date: she has one or the other, at every moment.

    The row goes along, so that her calendar moves the appointment. Colleagues of the
    same booking stay where they are.
    """
    with transaction.atomic():
        held = hold({seat.session_id, session_id})
        seat = Seat.objects.select_related("booking").get(pk=seat.pk)
        if seat.session_id == session_id and seat.state == Seat.State.BOOKED:
            return seat
        source = held.sessions.get(seat.session_id)
        if source is None or seat.state != Seat.State.BOOKED:
            raise Refused("not_yours")
        settling.settle(held, act.at)
        _check_move(held, seat, held[session_id], act)
        _relocate(held, seat, held[session_id], act)
        settling.settle(held, act.at)
    return seat


def _check_move(held: Held, seat: Seat, target: Session, act: Act) -> None:
    if not act.is_staff and act.at >= held[seat.session_id].cancelling_ends:
        raise Refused("too_late")
    if target.is_cancelled:
        raise Refused("cancelled")
    late = act.at >= (target.starts_at if act.is_staff else target.booking_ends)
    early = target.bookable_from and act.at < target.bookable_from
    if late or (early and not act.is_staff):
        raise Refused("closed" if late else "not_open")
    if target.account_id not in {None, seat.account_id}:
        raise Refused("not_for_them")
    there = Seat.objects.live().filter(session=target)
    if seat.buyer_id and there.filter(buyer=seat.buyer_id).exists():
        raise Refused("already")
    theirs = there.filter(account=seat.account_id)
    limit = target.seats_per_account
    if limit and not act.is_staff and theirs.count() >= limit:
        raise Refused("company_limit")


def _relocate(held: Held, seat: Seat, target: Session, act: Act) -> None:
    source = held[seat.session_id]
    if source.pool_id and source.pool_id == target.pool_id:
        # In a full pool her own place is the one that she takes along.
        counts.give_back(held, source, 1)
        counts.take(held, target, 1)
    else:
        counts.take(held, target, 1)
        counts.give_back(held, source, 1)
    history.turn(
        [seat],
        Seat.State.BOOKED,
        act,
        tell=MOVED,
        kind=kinds.BOOKED,
        revise=True,
        session=target,
        booking=_own_booking(seat, act),
        reconfirmed_at=None,
        joined_at=None,
    )


def _own_booking(seat: Seat, act: Act) -> Booking:
    """All seats of a booking are of one session."""
    if seat.booking.seats.count() == 1:
        return seat.booking
    return Booking.objects.create(
        account_id=seat.account_id,
        contact_id=seat.buyer_id or seat.booking.contact_id,
        by=act.by,
        source=act.source,
        created_at=act.at,
    )
