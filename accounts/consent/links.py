"""The unsubscribe link. It works for ever, and can only stop messages, or undo that."""

from functools import cache
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from accounts.customers import links
from accounts.customers.models import Buyer

PURPOSE = "unsubscribe"


def preferences(buyer_uuid: UUID) -> str:
    """Where she chooses what mail she gets; leaving altogether stands below it."""
    token = links.make(PURPOSE, buyer_uuid)
    return f"{settings.SITE_URL}{reverse('preferences', args=[token])}"


def unsubscribe(buyer_uuid: UUID, delivery_uuid: UUID | None = None) -> str:
    """The absolute address, made from the setting and never from a Host header.

    With the delivery that carries it, the choice will say by which message it came.
    """
    before, after = _around_token(settings.SITE_URL)
    return f"{before}{links.make(PURPOSE, buyer_uuid, delivery=delivery_uuid)}{after}"


@cache
def _around_token(site: str) -> tuple[str, str]:
    """Made once: it stands in every mail, and Django's way takes as long as signing."""
    path = reverse("unsubscribe", args=["TOKEN"])
    before, _token, after = f"{site}{path}".rpartition("TOKEN")
    return before, after


def read(token: str) -> links.Claim | None:
    """What *token* claims; None where it is not ours."""
    return links.read(PURPOSE, token)


def buyer_of(claim: links.Claim) -> Buyer | None:
    """Whose link it is; None where she is no longer known here."""
    return Buyer.objects.filter(uuid=claim.subject).first()
