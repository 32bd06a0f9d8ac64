"""Training on the buyer's personal page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.customers.models import Buyer

from . import links, programme
from .models import Seat

COMING = (Seat.State.BOOKED, Seat.State.OFFERED, Seat.State.WAITING, Seat.State.HELD)


def describe(buyer: Buyer, at: datetime) -> Mapping[str, Any] | None:
    """Nothing while there is neither a seat of hers nor a date to choose."""
    seats = [
        seat
        for seat in programme.seats(buyer, at)
        if seat.state in COMING and seat.session.ends_at > at
    ]
    dates = programme.dates(buyer, at).count()
    if not seats and not dates:
        return None
    return {"seats": seats, "dates": dates, "page": links.of_buyer(buyer)}
