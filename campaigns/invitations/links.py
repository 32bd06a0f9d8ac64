"""``{{ links.invitation }}``: from a delivery to a personal address, and back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
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
    token = links.make(PURPOSE, uuid, generation)
    return f"{settings.SITE_URL}{reverse('invitations:open', args=[token])}"


def read(token: str) -> Claim | None:
    return links.read(PURPOSE, token)


def urls(recipients: Sequence[Recipient]) -> Mapping[int, str]:
    """Delivery id → the buyer's link; two statements for any number of them."""
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
