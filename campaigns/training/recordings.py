"""Who watched the recording of a session, and whether that counts as trained."""

from datetime import datetime

from django.db import connection, transaction

from accounts.customers.models import Buyer
from accounts.journal.record import NewEvent, record

from . import kinds
from .models import RecordingView, Session
from .seats import events

_WATCH = """
    INSERT INTO training_recordingview AS old
        (session_id, buyer_id, account_id, first_at, last_at, times, percent)
    VALUES (%(session)s, %(buyer)s, %(account)s, %(at)s, %(at)s, 1, %(percent)s)
    ON CONFLICT (session_id, buyer_id) DO UPDATE SET
        last_at = greatest(old.last_at, EXCLUDED.last_at),
        times = old.times + %(again)s,
        percent = greatest(old.percent, EXCLUDED.percent)
    RETURNING percent
"""


def watch(
    session: Session, buyer: Buyer, at: datetime, percent: int | None = None
) -> None:
    """She pressed play (no *percent*), or the player says how far she has come.

    Counts as trained where the session says so: from `RecordingView.ENOUGH` on, or
    at once where nothing tells how far. Progress may be reported as often as the
    player likes.
    """
    with transaction.atomic():
        _note(session, buyer, at, percent)
        record(_event(session, buyer, at))
        seen = percent is None or percent >= RecordingView.ENOUGH
        if session.watched_counts and seen:
            people = [(buyer.account_id, buyer.pk, str(buyer.pk))]
            events.record_trained(session.pk, people, at)


def _note(session: Session, buyer: Buyer, at: datetime, percent: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _WATCH,
            {
                "session": session.pk,
                "buyer": buyer.pk,
                "account": buyer.account_id,
                "at": at,
                "percent": min(max(percent or 0, 0), 100),
                "again": int(percent is None),
            },
        )


def _event(session: Session, buyer: Buyer, at: datetime) -> NewEvent:
    return NewEvent(
        kind=kinds.WATCHED,
        account_id=buyer.account_id,
        buyer_id=buyer.pk,
        occurred_at=at,
        source=kinds.SOURCE,
        key=f"{kinds.WATCHED}:{session.pk}:{buyer.pk}",
        data={"session": session.pk},
        # The first time stands, whenever she watches again.
        digest=b"watched",
    )
