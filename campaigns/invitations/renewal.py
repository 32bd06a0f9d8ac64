"""A new link for somebody whose link is dead: to the address at which we know her."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import translation

from accounts.customers.links import Claim
from campaigns.messages import publish, starters
from campaigns.messages.models import Brand, Message, MessageVersion
from campaigns.sequences import notices
from campaigns.sequences.notices import Notice

from .models import Invitation
from .starters import NEW_LINK, STARTERS

log = structlog.get_logger(__name__)

TOUCHPOINT = "invitation"
#: Who asks for a link waits for it: a day later it would only surprise.
WORTH_SENDING = timedelta(days=1)


def is_possible() -> bool:
    """Whether there is anybody in whose name to write."""
    return Brand.objects.exists()


def ask(claim: Claim, at: datetime) -> bool:
    """Plan the mail, where the claim was once ours; at most one a day.

    The mail itself makes the link, and with it the invitation valid again.
    """
    invitation = _renewable(claim)
    version = _version(at) if invitation else None
    if invitation is None or version is None:
        return False
    notice = Notice(
        key=f"invitation.link:{invitation.uuid}:{at:%Y-%m-%d}",
        message_version_id=version.pk,
        buyer_id=invitation.buyer_id,
        due_at=at,
        not_after=at + WORTH_SENDING,
    )
    with transaction.atomic():
        return notices.plan([notice]) == 1


def _renewable(claim: Claim) -> Invitation | None:
    """Also of an older generation or to an older address; not what was revoked."""
    return (
        Invitation.objects.filter(uuid=claim.subject, revoked_at=None)
        .filter(buyer__active=True, buyer__address_hash__isnull=False)
        .first()
    )


def _version(at: datetime) -> MessageVersion | None:
    """What the message says now; where that cannot be published, what it said last."""
    message = _message()
    if message is None:
        return None
    try:
        return publish.publish(message, None, at)
    except publish.NotPublishable:
        log.warning("new_link_message_not_publishable", message=message.pk)
        return message.versions.order_by("-number").first()


def _message() -> Message | None:
    """The default brand's, as marketing has changed it; at first as it is shipped."""
    brand = Brand.objects.order_by("-is_default", "pk").first()
    if brand is None:
        return None
    (starter,) = (one for one in STARTERS if one.slug == NEW_LINK)
    with translation.override(settings.LANGUAGE_CODE):
        return starters.add(
            starter.slug,
            str(starter.label),
            starter.texts,
            service=starter.service,
            touchpoint=TOUCHPOINT,
            brand=brand,
        )
