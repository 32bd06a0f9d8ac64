"""The invitation on the buyer's personal page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.customers.models import Buyer

from . import store
from .models import Invitation


def describe(buyer: Buyer, at: datetime) -> Mapping[str, Any] | None:
    invitation = Invitation.objects.valid(at).filter(buyer=buyer).first()
    if invitation is None:
        return None
    return {
        "accepted_at": invitation.accepted_at,
        "entrance": store.entrance(invitation.reference),
    }
