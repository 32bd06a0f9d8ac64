"""``{{ links.invitation }}``: from a delivery to a personal address, and back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from accounts.customers import links
from accounts.customers.links import Claim
from accounts.journal import clock
from campaigns.sequences.touchpoints import Recipient

from . import handover, invite

PURPOSE = "invitation"


def address(uuid: UUID, generation: int) -> str:
    """The absolute address, made from the setting and never from a Host header."""
    return f"{settings.SITE_URL}{_path()}{links.make(PURPOSE, uuid, generation)}"


@cache
def _path() -> str:
    """Asked for once: `reverse` takes twice as long as signing the token."""
    return reverse("invitations:show")


def read(token: str) -> Claim | None:
    return links.read(PURPOSE, token)


def urls(recipients: Sequence[Recipient]) -> Mapping[int, str]:
    """Delivery id → the buyer's link; three statements for any number of them."""
    campaigns = {each.buyer_id: each.campaign_id for each in recipients}
    standing = invite.standing(campaigns, clock.now())
    return {
        each.delivery_id: address(found.uuid, found.generation)
        for each in recipients
        if (found := standing.get(each.buyer_id))
    }


def sample() -> str:
    """Leads to the page as an invented buyer would see it."""
    return f"{settings.SITE_URL}{reverse('invitations:preview')}"


def sent(recipients: Sequence[Recipient], at: datetime) -> None:
    handover.note(recipients, at)
