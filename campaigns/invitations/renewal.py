"""A new link for somebody whose link is dead: to the address at which we know her."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.customers.links import Claim
from campaigns.messages.models import MessageVersion, Purpose
from campaigns.sequences import notices
from campaigns.sequences.notices import Notice

from .models import Invitation
from .starters import NEW_LINK

#: Who asks for a link waits for it: a day later it would only surprise.
WORTH_SENDING = timedelta(days=1)


def is_possible() -> bool:
    """Whether there is a published message for it."""
    return _version() is not None


def ask(claim: Claim, at: datetime) -> bool:
    """Plan the mail, where the claim was once ours; at most one a day.

    The mail itself makes the link, and with it the invitation valid again.
    """
    version, invitation = _version(), _renewable(claim)
    if version is None or invitation is None:
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


def _version() -> MessageVersion | None:
    """The newest of the default brand's, else of any."""
    published = MessageVersion.objects.filter(
        message__starter=f"invitation.{NEW_LINK}", purpose=Purpose.SERVICE
    )
    return published.order_by("-message__brand__is_default", "-pk").first()
