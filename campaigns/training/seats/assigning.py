"""Saying who comes on a seat that a company booked without a name."""

from django.db import transaction

from accounts.customers.models import Buyer
from campaigns.training import kinds
from campaigns.training.models import Seat

from . import history
from .acts import Act, Guest, Refused
from .booking import CONFIRMATION
from .locks import hold


def assign(seat: Seat, guest: Guest, act: Act) -> Seat:
    """Give the seat to a buyer we know, or note a name; a buyer is told at once."""
    with transaction.atomic():
        hold([seat.session_id])
        seat = Seat.objects.get(pk=seat.pk)
        if seat.buyer_id == guest.buyer_id and seat.guest_name == guest.name:
            return seat
        if seat.buyer_id is not None or seat.state not in _NAMEABLE:
            raise Refused("not_yours")
        if guest.buyer_id is not None:
            _check_buyer(seat, guest.buyer_id)
        seat.buyer_id, seat.guest_name = guest.buyer_id, guest.name
        seat.save(update_fields=["buyer", "guest_name"])
        if guest.buyer_id and seat.state == Seat.State.BOOKED:
            befores = {seat.pk: seat.state}
            history.note(
                [seat], act, befores=befores, tell=CONFIRMATION, kind=kinds.BOOKED
            )
        return seat


_NAMEABLE = (
    Seat.State.HELD,
    Seat.State.BOOKED,
    Seat.State.WAITING,
    Seat.State.OFFERED,
)


def _check_buyer(seat: Seat, buyer_id: int) -> None:
    theirs = Buyer.objects.filter(pk=buyer_id, account=seat.account_id, active=True)
    if not theirs.exists():
        raise Refused("inactive")
    live = Seat.objects.live().filter(session=seat.session_id, buyer=buyer_id)
    if live.exists():
        raise Refused("already")
