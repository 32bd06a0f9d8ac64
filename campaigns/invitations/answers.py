"""What an invited person does with her invitation, once each, into the journal."""

from datetime import datetime

from django.db import transaction

from accounts.journal.record import NewEvent, record

from .models import Invitation

SEEN = "seen"
ACCEPTED = "accepted"
SOURCE = "invitations"


def see(invitation: Invitation, at: datetime) -> bool:
    """A person looked at it; whether for the first time."""
    with transaction.atomic():
        first = _first(invitation, "seen_at", at)
        if first:
            record(_event(SEEN, invitation, at))
    return first


def accept(invitation: Invitation, at: datetime) -> bool:
    """She pressed the button, and so has seen it; whether for the first time."""
    with transaction.atomic():
        see(invitation, at)
        first = _first(invitation, "accepted_at", at)
        if first:
            record(_event(ACCEPTED, invitation, at))
    return first


def _first(invitation: Invitation, column: str, at: datetime) -> bool:
    """Set the time where it is still empty. Of two at once one finds it set."""
    empty = Invitation.objects.filter(
        pk=invitation.pk, revoked_at=None, **{column: None}
    )
    return empty.update(**{column: at}) == 1


def _event(kind: str, invitation: Invitation, at: datetime) -> NewEvent:
    campaign = invitation.campaign_id
    return NewEvent(
        kind=kind,
        account_id=invitation.account_id,
        buyer_id=invitation.buyer_id,
        occurred_at=at,
        source=SOURCE,
        key=f"{kind}:{invitation.uuid}",
        cause=f"campaign:{campaign}" if campaign else "",
    )
