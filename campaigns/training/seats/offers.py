"""Taking an offered seat while the offer lasts."""

from django.db import transaction

from campaigns.training import kinds
from campaigns.training.models import Booking, Seat

from . import history, settling
from .acts import Act, Refused
from .booking import CONFIRMATION
from .locks import hold


def accept(booking: Booking, act: Act) -> list[Seat]:
    """Book what *booking* was offered: all of it. Pressed twice it is accepted once.

    An offer that has ended is gone at that instant, swept or not.
    """
    with transaction.atomic():
        sessions = booking.seats.values_list("session_id", flat=True)
        held = hold(set(sessions))
        settling.settle(held, act.at)
        seats = list(booking.seats.filter(state=Seat.State.OFFERED).order_by("pk"))
        history.turn(
            seats,
            Seat.State.BOOKED,
            act,
            tell=CONFIRMATION,
            kind=kinds.BOOKED,
            booked_at=act.at,
        )
    if not seats:
        _explain(booking)
    return seats


def _explain(booking: Booking) -> None:
    """Why there was nothing to accept, unless it was accepted before.

    After the transaction: what has lapsed meanwhile stays settled.
    """
    states = set(booking.seats.values_list("state", flat=True))
    if states & {Seat.State.BOOKED, Seat.State.ATTENDED, Seat.State.NO_SHOW}:
        return
    raise Refused("gone" if Seat.State.EXPIRED in states else "no_offer")
