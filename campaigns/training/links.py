"""Personal links into training: from a buyer to an address, and back.

One purpose for everything of hers: the token opens her training pages, and what
follows it says which (``seats/…``, ``sessions/…``). Calendars and mails hold such
addresses; the meeting's own address is looked up when she comes.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.urls import reverse

from accounts.customers import links
from accounts.customers.links import Claim
from accounts.customers.models import Buyer
from accounts.journal.record import NewEvent, record_many
from campaigns.sequences.touchpoints import Recipient

from . import kinds
from .models import Entrance

PURPOSE = "training"
#: Of whom no link was ever withdrawn.
FIRST = 1


def address(buyer_uuid: UUID, generation: int = FIRST, to: str = "") -> str:
    """The absolute address; *to* is a page of ours such as ``seats/<uuid>/join``."""
    token = links.make(PURPOSE, buyer_uuid, generation)
    return f"{settings.SITE_URL}{_path()}{token}{f'/{to}' if to else ''}"


def of_seat(seat_uuid: UUID, page: str = "") -> str:
    """What to put behind the token for a page of a seat: "", "join" or "feedback"."""
    return f"seats/{seat_uuid}/{page}" if page else f"seats/{seat_uuid}"


def read(token: str) -> Claim | None:
    return links.read(PURPOSE, token)


def generations(buyer_ids: Iterable[int]) -> Mapping[int, int]:
    """Buyer id → generation, of those whose older links were withdrawn."""
    found = Entrance.objects.filter(buyer__in=set(buyer_ids))
    return dict(found.values_list("buyer_id", "generation"))


def urls(recipients: Sequence[Recipient]) -> Mapping[int, str]:
    """Delivery id → the buyer's training page; one statement for all."""
    known = generations(each.buyer_id for each in recipients)
    return {
        each.delivery_id: address(each.buyer_uuid, known.get(each.buyer_id, FIRST))
        for each in recipients
    }


def generation_of(buyer: Buyer) -> int:
    return generations([buyer.pk]).get(buyer.pk, FIRST)


def of_buyer(buyer: Buyer, to: str = "") -> str:
    return address(buyer.uuid, generation_of(buyer), to)


def sent(recipients: Sequence[Recipient], at: datetime) -> None:
    """Whose mails with this link were handed over has been told of training."""
    record_many(
        NewEvent(
            kind=kinds.TOLD,
            account_id=each.account_id,
            buyer_id=each.buyer_id,
            occurred_at=at,
            source=kinds.SOURCE,
            key=f"{kinds.TOLD}:{each.delivery_uuid}",
            cause=f"delivery:{each.delivery_uuid}",
        )
        for each in recipients
    )


def sample() -> str:
    """Leads to the page as an invented buyer would see it."""
    return f"{settings.SITE_URL}{reverse('training:preview')}"


def withdraw(buyer: Buyer, generation: int) -> bool:
    """Close every link of *generation* and before; the next one is of a new one.

    False where that is done already: whoever presses twice, or in a page left open,
    must not close the link that was sent since then.
    """
    Entrance.objects.get_or_create(buyer=buyer, defaults={"generation": FIRST})
    own = Entrance.objects.filter(buyer=buyer, generation=generation)
    return own.update(generation=F("generation") + 1) == 1


@cache
def _path() -> str:
    return reverse("training:dates")
