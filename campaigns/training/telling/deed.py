"""Plans the messages that histories of seats ask for."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog
from django.db import transaction

from accounts.customers.models import Buyer
from campaigns.messages.attachments import Attachment
from campaigns.messages.models import MessageVersion
from campaigns.sequences import notices, shipped
from campaigns.sequences.notices import Notice
from campaigns.training import about, appointments
from campaigns.training.models import Seat, SeatChange

from . import moments

log = structlog.get_logger(__name__)

TOUCHPOINT = "training"
BATCH = 200
#: What is only to take back an earlier message that is now beside the point.
HUSH = "hush"
#: Notice → the message that ships with it.
STARTERS = {
    "booked": "seat_booked",
    "waiting": "seat_waiting",
    "offer": "seat_offer",
    "offer_ended": "seat_offer_ended",
    "cancelled": "seat_cancelled",
    "moved": "seat_moved",
    "changed": "session_changed",
    "off": "session_off",
}
#: One message for a whole booking, to who made it.
_TOGETHER = frozenset({"waiting", "offer", "offer_ended"})
_WITH = (
    "seat__session__course",
    "seat__buyer__account",
    "seat__booking__contact__account",
)


def tell(at: datetime, limit: int = BATCH) -> int:
    """Plan what is untold; how many lines of history that settled.

    Of several lines of one seat only the newest is told: what it says is what holds.
    Without a brand there is nobody to write in whose name: they wait.
    """
    with transaction.atomic():
        changes = _untold(limit)
        versions = _versions({change.notice for change in changes} - {HUSH}, at)
        ready = [
            change
            for change in changes
            if change.notice == HUSH or change.notice in versions
        ]
        newest = {change.seat_id: change for change in ready}
        _take_back(newest.values(), at)
        told = [change for change in newest.values() if change.notice != HUSH]
        notices.plan(list(_describe(told, versions, at)))
        done = [change.pk for change in ready]
        SeatChange.objects.filter(pk__in=done).update(told_at=at)
    return len(ready)


def _untold(limit: int) -> list[SeatChange]:
    waiting = SeatChange.objects.filter(told_at=None).exclude(notice="")
    rows = waiting.order_by("pk").select_for_update(of=("self",), skip_locked=True)
    return list(rows.select_related(*_WITH)[:limit])


def _versions(wanted: Iterable[str], at: datetime) -> dict[str, MessageVersion]:
    """Always in one order: publishing holds the message until the end."""
    found = {
        notice: shipped.version(TOUCHPOINT, STARTERS[notice], at)
        for notice in sorted(wanted)
    }
    return {notice: version for notice, version in found.items() if version}


def _take_back(changes: Iterable[SeatChange], at: datetime) -> None:
    """What of these seats was planned before and is not out yet says too little."""
    seats = [change.seat_id for change in changes]
    newest = {change.seat_id: change.pk for change in changes}
    earlier = SeatChange.objects.filter(seat__in=seats, told_at__isnull=False)
    rows = earlier.exclude(notice__in=["", HUSH]).values_list("pk", "notice", "seat_id")
    notices.take_back(
        [about.key(notice, pk) for pk, notice, seat in rows if pk < newest[seat]], at
    )


def _describe(
    changes: Sequence[SeatChange], versions: dict[str, MessageVersion], at: datetime
) -> Iterable[Notice]:
    told: set[tuple[object, ...]] = set()
    for change in changes:
        reader = _reader(change)
        whose = (change.seat.booking_id, change.notice, reader and reader.pk)
        is_shared = change.notice in _TOGETHER or change.seat.buyer_id is None
        if reader is None or (is_shared and whose in told):
            continue
        told.add(whose)
        moment = moments.of(change, reader, at)
        yield Notice(
            key=about.key(change.notice, change.pk),
            message_version_id=versions[change.notice].pk,
            buyer_id=reader.pk,
            due_at=moment.due_at,
            not_after=moment.not_after,
            attachments=_appointment(change, reader),
        )


def _reader(change: SeatChange) -> Buyer | None:
    """The seat's own buyer; whoever booked it for who has no name here."""
    seat = change.seat
    if change.notice in _TOGETHER:
        return seat.booking.contact or seat.buyer
    return seat.buyer or seat.booking.contact


def _appointment(change: SeatChange, reader: Buyer) -> Sequence[Attachment]:
    """For her calendar: of who has a seat, or had one until now."""
    states = {change.before, change.after}
    if Seat.State.BOOKED not in states or change.seat.buyer_id != reader.pk:
        return ()
    return (appointments.of_seat(change.seat, reader, change.at),)
