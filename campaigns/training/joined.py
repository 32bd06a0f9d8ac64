"""That she followed the join link: a hint, kept beside attendance and never as it."""

from datetime import datetime

from .models import Seat


def note(seat: Seat, at: datetime) -> None:
    Seat.objects.filter(pk=seat.pk, joined_at=None).update(joined_at=at)
