"""The code at the door: names a seat, and opens only for staff who are logged in."""

from django.conf import settings
from django.urls import reverse

from .models import Seat, Session


def address(seat: Seat) -> str:
    """No secret: it leads to a log-in, and there to the seat's line in the list."""
    return f"{settings.SITE_URL}{reverse('training-staff:scan', args=[seat.uuid])}"


def of_session(session: Session) -> str:
    """The list at the door, for a phone."""
    return f"{settings.SITE_URL}{reverse('training-staff:door', args=[session.pk])}"
