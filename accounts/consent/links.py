"""The unsubscribe link. It works for ever, and can only stop messages, or undo that."""

from uuid import UUID

from django.conf import settings
from django.urls import reverse

from accounts.customers import links
from accounts.customers.models import Buyer

PURPOSE = "unsubscribe"


def unsubscribe(buyer_uuid: UUID) -> str:
    """The absolute address, made from the setting and never from a Host header."""
    token = links.make(PURPOSE, buyer_uuid)
    return f"{settings.SITE_URL}{reverse('unsubscribe', args=[token])}"


def is_ours(token: str) -> bool:
    return links.read(PURPOSE, token) is not None


def buyer_of(token: str) -> Buyer | None:
    """Whose link it is; None also where she is no longer known here."""
    claim = links.read(PURPOSE, token)
    if claim is None:
        return None
    return Buyer.objects.filter(uuid=claim.subject).first()
