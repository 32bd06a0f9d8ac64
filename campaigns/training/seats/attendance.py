"""Who came: noted at the door, from a file, or put right afterwards.

Attendance is never guessed. Following the join link is a hint (``Seat.joined_at``),
and nobody counts as absent before the session is closed: by whoever took attendance,
or by the clock where somebody was noted as there (`close_attended`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from campaigns.training import kinds
from campaigns.training.models import Booking, Seat, Session

from . import events, history, settling
from .acts import Act, Guest, Refused
from .locks import hold

#: So long after its end the clock closes a session in which attendance was taken.
CLOSES_AFTER = timedelta(hours=24)
#: Where somebody had no place, she came without one.
_PLACELESS = (Seat.State.WAITING, Seat.State.EXPIRED, Seat.State.CANCELLED)


def check_in(
    seat: Seat, act: Act, *, minutes: int | None = None, came_at: datetime | None = None
) -> bool:
    """Note that she is there; whether that was news. Whatever her seat was before."""
    with transaction.atomic():
        _hold_given(seat.session_id)
        seat = _best(seat)
        if seat.state == Seat.State.ATTENDED:
            _keep_minutes(seat, minutes)
            return False
        _attend([seat], act, came_at=came_at or act.at, minutes=minutes)
        return True


def _hold_given(session_id: int) -> Session:
    """To what was called off nobody came."""
    session = hold([session_id])[session_id]
    if session.is_cancelled:
        raise Refused("cancelled")
    return session


def _best(seat: Seat) -> Seat:
    """Who gave a seat up and booked again comes on the one that still stands."""
    hers = Seat.objects.live().filter(session=seat.session_id, buyer=seat.buyer_id)
    found = hers.first() if seat.buyer_id else None
    return found or Seat.objects.get(pk=seat.pk)


def _keep_minutes(seat: Seat, minutes: int | None) -> None:
    """A file read twice says the same; a later one may know more."""
    if minutes is not None and minutes > (seat.attended_minutes or 0):
        Seat.objects.filter(pk=seat.pk).update(attended_minutes=minutes)


def _attend(
    seats: Sequence[Seat], act: Act, *, came_at: datetime, minutes: int | None
) -> None:
    for seat in seats:
        if seat.state == Seat.State.NO_SHOW:
            events.take_back(seat, act.at)
        history.turn(
            [seat],
            Seat.State.ATTENDED,
            act,
            kind=kinds.ATTENDED,
            walk_in=seat.walk_in or seat.state in _PLACELESS,
            checked_in_at=came_at,
            attendance=act.source,
            attended_minutes=minutes,
        )
    _count_as_trained(seats, came_at)


def _count_as_trained(seats: Sequence[Seat], at: datetime) -> None:
    for seat in seats:
        who = str(seat.buyer_id or seat.uuid)
        people = [(seat.account_id, seat.buyer_id, who)]
        events.record_trained(seat.session_id, people, at)


def walk_in(
    session_id: int,
    guest: Guest,
    act: Act,
    *,
    account_id: int,
    minutes: int | None = None,
    came_at: datetime | None = None,
) -> Seat:
    """Note somebody who came; her own seat where she has one, else none is taken."""
    with transaction.atomic():
        _hold_given(session_id)
        hers = _own_seat(session_id, guest, account_id)
        seat = hers or _add(session_id, guest, act, account_id)
        check_in(seat, act, minutes=minutes, came_at=came_at)
        seat.refresh_from_db()
        return seat


def _own_seat(session_id: int, guest: Guest, account_id: int) -> Seat | None:
    """Hers; of whom only the name is known, the one of her company in that name."""
    seats = Seat.objects.filter(session=session_id)
    if guest.buyer_id is None:
        hers = seats.filter(account=account_id, guest_name__iexact=guest.name)
    else:
        hers = seats.filter(buyer=guest.buyer_id)
    return hers.live().first() or hers.order_by("-pk").first()


def _add(session_id: int, guest: Guest, act: Act, account_id: int) -> Seat:
    """A row of somebody who never asked for a seat, for an instant as if given up."""
    booking = Booking.objects.create(
        account_id=account_id,
        contact_id=guest.buyer_id,
        by=act.by,
        source=act.source,
        created_at=act.at,
    )
    return Seat.objects.create(
        session_id=session_id,
        booking=booking,
        account_id=account_id,
        buyer_id=guest.buyer_id,
        guest_name=guest.name,
        state=Seat.State.EXPIRED,
        walk_in=True,
        created_at=act.at,
    )


def correct(seat: Seat, after: str, act: Act) -> None:
    """Put right what was noted: "attended", "no_show" or, undone, "booked".

    ``act.reason`` says why; the line before stays in the seat's history. Who is said
    to have been there was there while it lasted, whenever that is said. What the
    journal was told of it is taken back, and so she is trained no more.
    """
    with transaction.atomic():
        session = _hold_given(seat.session_id)
        seat = Seat.objects.get(pk=seat.pk)
        if seat.state == after:
            return
        if after == Seat.State.ATTENDED:
            came_at = min(act.at, session.ends_at)
            _attend([seat], act, came_at=came_at, minutes=seat.attended_minutes)
        else:
            _undo(seat, after, act)


def _undo(seat: Seat, after: str, act: Act) -> None:
    """Who walked in and did not, after all, never had a seat."""
    if seat.walk_in and after != Seat.State.CANCELLED:
        after = Seat.State.CANCELLED
    if (seat.state, after, seat.walk_in) not in _UNDOING:
        raise Refused("not_attended")
    if seat.state != Seat.State.BOOKED:
        events.take_back(seat, act.at)
    history.turn(
        [seat],
        after,
        act,
        kind=kinds.NO_SHOW if after == Seat.State.NO_SHOW else "",
        checked_in_at=None,
        attendance="",
        attended_minutes=None,
    )


_UNDOING = {
    (Seat.State.BOOKED, Seat.State.NO_SHOW, False),
    (Seat.State.ATTENDED, Seat.State.NO_SHOW, False),
    (Seat.State.ATTENDED, Seat.State.BOOKED, False),
    (Seat.State.NO_SHOW, Seat.State.BOOKED, False),
    (Seat.State.ATTENDED, Seat.State.CANCELLED, True),
}


def close(session_id: int, act: Act) -> int:
    """Attendance is complete: who is still only booked did not turn up; how many.

    May be repeated; who turns out to have been there is put right by `correct` or by
    the next file.
    """
    with transaction.atomic():
        held = hold([session_id])
        session = held[session_id]
        if act.at < session.starts_at or session.is_cancelled:
            raise Refused("past")
        settling.settle(held, act.at)
        absent = list(session.seats.filter(state=Seat.State.BOOKED).order_by("pk"))
        history.turn(absent, Seat.State.NO_SHOW, act, kind=kinds.NO_SHOW)
        Session.objects.filter(pk=session_id, closed_at=None).update(closed_at=act.at)
    return len(absent)


def close_attended(at: datetime, limit: int = 100) -> int:
    """Close the sessions that ended a day ago and in which somebody was noted."""
    ended = Session.objects.planned().filter(
        closed_at=None, ends_at__lte=at - CLOSES_AFTER
    )
    taken = ended.filter(seats__state=Seat.State.ATTENDED).distinct()
    due = list(taken.order_by("pk").values_list("pk", flat=True)[:limit])
    for session_id in due:
        close(session_id, Act(at, source=""))
    return len(due)
