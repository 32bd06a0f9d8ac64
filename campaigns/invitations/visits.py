"""Whose invitation the visitor's link opened."""

from datetime import datetime

from django.http import HttpRequest

from accounts.consent.visits import Visits

from .models import Invitation

VISITS = Visits("visit", "invitations.visit")


def invitation(request: HttpRequest, at: datetime) -> Invitation | None:
    """The visitor's invitation, where it is still valid at *at*; one query."""
    claim = VISITS.current(request)
    return (
        Invitation.objects.valid(at)
        .filter(uuid=claim.subject, generation=claim.version)
        .select_related("buyer__account__rep")
        .first()
    )
