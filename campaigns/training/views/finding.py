"""What belongs to the visitor; everything else is not there for her."""

from uuid import UUID

from django.http import Http404

from accounts.customers.models import Buyer
from campaigns.training import programme
from campaigns.training.models import Seat, Session


def seat_of(buyer: Buyer, uuid: UUID) -> Seat:
    """Her own seat, or one she booked for a colleague."""
    found = (
        programme.hers(buyer)
        .filter(uuid=uuid)
        .select_related("session__course", "session__pool", "booking", "buyer")
        .first()
    )
    if found is None:
        raise Http404
    return found


def session_of(buyer: Buyer, uuid: UUID) -> Session:
    found = programme.find(buyer, uuid)
    if found is None:
        raise Http404
    return found
