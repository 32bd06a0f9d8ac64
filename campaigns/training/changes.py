"""Changing and cancelling a session, and telling everybody it concerns."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from .models import Seat, Session
from .seats import capacity, history, settling
from .seats.acts import Act, Refused
from .seats.locks import Held, hold

#: Of these attendees are told, and their calendars changed.
TIME = frozenset({"day", "hour", "minutes", "zone"})
TOLD = TIME | {"kind", "place", "map_url", "directions", "course", "account"}
CHANGED, SESSION_CANCELLED = "changed", "off"
#: Who has not been there yet, and still reckons with it.
_RECKONING = (
    Seat.State.HELD,
    Seat.State.BOOKED,
    Seat.State.OFFERED,
    Seat.State.WAITING,
)


def revise(session_id: int, act: Act, **fields: Any) -> Session:
    """Give the session's *fields* other values, seats and pool among them.

    Whoever has a seat or waits is told where the time or the place changes. Values
    that are the same change nothing. Raises `Refused` where more seats are taken, or
    for a time that has passed; then nothing is changed.
    """
    with transaction.atomic():
        held = hold([session_id], [fields["pool"].pk] if fields.get("pool") else [])
        session = held[session_id]
        changed = _assign(session, fields)
        if changed:
            _save(held, session, changed, act)
        if "pool" in fields:
            pool = fields["pool"]
            session = capacity.set_pool(session_id, pool.pk if pool else None, act)
        if "capacity" in fields and fields["capacity"] != session.capacity:
            session = capacity.resize(session_id, fields["capacity"], act)
        return session


def _assign(session: Session, fields: dict[str, Any]) -> set[str]:
    """Set what differs; its names."""
    changed = {
        name
        for name, value in fields.items()
        if name not in Session.KEPT and getattr(session, name) != value
    }
    for name in changed:
        setattr(session, name, fields[name])
    return changed


def _save(held: Held, session: Session, changed: set[str], act: Act) -> None:
    session.keep_instants()
    concerns_them = bool(changed & TOLD)
    if changed & TIME and (session.is_cancelled or session.starts_at <= act.at):
        raise Refused("past")
    session.revision += concerns_them
    columns = {*changed, "revision", "starts_at", "ends_at"}
    session.save(update_fields=columns)
    if concerns_them and not session.is_cancelled and session.starts_at > act.at:
        _tell(session, act, moved=bool(changed & TIME))
        settling.settle(held, act.at)


def _tell(session: Session, act: Act, *, moved: bool) -> None:
    found = session.seats.filter(state__in=_RECKONING)
    seats = list(found.order_by("pk"))
    for state in _RECKONING:
        alike = [seat for seat in seats if seat.state == state]
        for expires_at, some in _by_expiry(alike, session.starts_at):
            more: dict[str, Any] = {"reconfirmed_at": None} if moved else {}
            if expires_at is not None:
                more["expires_at"] = expires_at
            history.turn(some, state, act, tell=CHANGED, revise=True, **more)


def _by_expiry(
    seats: Sequence[Seat], latest: datetime
) -> list[tuple[datetime | None, list[Seat]]]:
    """What is held or offered never outlasts the start, where that comes earlier."""
    ends = {
        seat.pk: min(seat.expires_at, latest) if seat.expires_at else None
        for seat in seats
    }
    return [
        (end, [seat for seat in seats if ends[seat.pk] == end])
        for end in dict.fromkeys(ends.values())
    ]


def cancel(session_id: int, act: Act) -> int:
    """Call the session off; how many people are told. Twice it is called off once.

    Refused once somebody has attended. ``act.reason`` stands in what they are told.
    """
    with transaction.atomic():
        held = hold([session_id])
        session = held[session_id]
        if session.is_cancelled:
            return 0
        if session.seats.filter(state=Seat.State.ATTENDED).exists():
            raise Refused("past")
        seats = list(session.seats.filter(state__in=_RECKONING).order_by("pk"))
        settling.release(held, seats)
        _call_off(session, act)
        history.turn(
            seats, Seat.State.CANCELLED, act, tell=SESSION_CANCELLED, revise=True
        )
        settling.settle(held, act.at)
        return len(seats)


def _call_off(session: Session, act: Act) -> None:
    session.state = Session.State.CANCELLED
    session.cancelled_at = act.at
    session.cancel_reason = act.reason
    session.revision += 1
    session.save(update_fields=["state", "cancelled_at", "cancel_reason", "revision"])
