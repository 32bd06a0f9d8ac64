"""A new link for somebody whose link is dead: to the address at which we know her."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.customers import addresses
from accounts.customers.links import Claim
from campaigns.messages.models import Brand
from campaigns.sequences import notices, shipped
from campaigns.sequences.notices import Notice

from .models import Invitation
from .starters import NEW_LINK

TOUCHPOINT = "invitation"
#: Who asks for a link waits for it: a day later it would only surprise.
WORTH_SENDING = timedelta(days=1)
#: People who share one mailbox, and get a link each.
MOST = 10


def is_possible() -> bool:
    """Whether there is anybody in whose name to write."""
    return Brand.objects.exists()


def ask(claim: Claim, at: datetime) -> bool:
    """Plan the mail, where the claim was once ours; at most one a day.

    The mail itself makes the link, and with it the invitation valid again.
    """
    return _plan(_renewable().filter(uuid=claim.subject), at) == 1


def ask_for(address: str, at: datetime) -> int:
    """Plan the mail for everybody invited at that address; how many were planned.

    For who comes with a link that names nobody, such as one cut off on its way.
    """
    try:
        found = addresses.check(address)
    except addresses.BadAddress:
        return 0
    return _plan(_renewable().filter(buyer__address_hash=found.hash), at)


def _plan(invitations: QuerySet[Invitation], at: datetime) -> int:
    asked_for = list(invitations.order_by("pk")[:MOST])
    version = shipped.version(TOUCHPOINT, NEW_LINK, at) if asked_for else None
    if version is None:
        return 0
    planned = [
        Notice(
            key=f"invitation.link:{invitation.uuid}:{at:%Y-%m-%d}",
            message_version_id=version.pk,
            buyer_id=invitation.buyer_id,
            due_at=at,
            not_after=at + WORTH_SENDING,
        )
        for invitation in asked_for
    ]
    with transaction.atomic():
        return notices.plan(planned)


def _renewable() -> QuerySet[Invitation]:
    """Also of an older generation or to an older address; not what was revoked."""
    return Invitation.objects.filter(
        revoked_at=None, buyer__active=True, buyer__address_hash__isnull=False
    )
