"""What an attendee says about a session: a rating, one answer, what still stops her."""

from datetime import datetime

from django.db import transaction

from accounts.journal.record import NewEvent, record

from . import kinds
from .models import Feedback, Seat
from .seats.acts import Refused


def give(
    seat: Seat, at: datetime, *, rating: int, answer: str = "", barrier: str = ""
) -> Feedback:
    """Keep her word. Said again it replaces the first; the same again changes nothing.

    The journal gets the rating and the barrier, never the words.
    """
    said = {"rating": rating, "answer": answer.strip(), "barrier": barrier}
    with transaction.atomic():
        held = Seat.objects.select_for_update(no_key=True).get(pk=seat.pk)
        if held.state != Seat.State.ATTENDED:
            raise Refused("not_attended")
        before = Feedback.objects.filter(seat=held).first()
        if before and all(getattr(before, name) == said[name] for name in said):
            return before
        kept, _new = Feedback.objects.update_or_create(
            seat=held, defaults={**said, "given_at": at}
        )
        record(_event(held, kept))
    return kept


def _event(seat: Seat, said: Feedback) -> NewEvent:
    return NewEvent(
        kind=kinds.FEEDBACK,
        account_id=seat.account_id,
        buyer_id=seat.buyer_id,
        occurred_at=said.given_at,
        source=kinds.SOURCE,
        key=f"{kinds.FEEDBACK}:{seat.uuid}:{said.given_at.isoformat()}",
        data={
            "session": seat.session_id,
            "rating": said.rating,
            "barrier": said.barrier,
        },
        cause=f"seat:{seat.uuid}",
    )
