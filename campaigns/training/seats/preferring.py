"""Letting a booking be served before others of the waiting list, or after them."""

from django.db import transaction

from campaigns.training.models import Booking, Seat

from . import history, settling
from .acts import Act, Refused
from .locks import hold

#: What staff may give: higher is served first, and nothing is the order of booking.
LOWEST, HIGHEST = -9, 9


def prefer(booking: Booking, priority: int, act: Act) -> list[Seat]:
    """Give a booking that waits another *priority*; all its seats keep together.

    Written into the history with ``act.reason``. Nothing that was offered to others is
    taken back: they were first when it was offered.
    """
    if not LOWEST <= priority <= HIGHEST:
        raise Refused("no_such_priority")
    with transaction.atomic():
        sessions = booking.seats.values_list("session_id", flat=True)
        held = hold(set(sessions))
        settling.settle(held, act.at)
        seats = list(booking.seats.filter(state=Seat.State.WAITING).order_by("pk"))
        if not seats:
            raise Refused("not_waiting")
        moved = Booking.objects.filter(pk=booking.pk).exclude(priority=priority)
        if moved.update(priority=priority):
            befores = {seat.pk: seat.state for seat in seats}
            history.note(seats, act, befores=befores)
        settling.settle(held, act.at)
    return seats
