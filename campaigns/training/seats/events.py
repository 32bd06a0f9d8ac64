"""What seats tell the journal: once for each line of their history."""

from collections.abc import Iterable
from datetime import datetime

from accounts.journal.record import NewEvent, record_many
from campaigns.training import kinds
from campaigns.training.models import SeatChange


def record(kind: str, changes: Iterable[SeatChange]) -> None:
    record_many(
        NewEvent(
            kind=kind,
            account_id=change.seat.account_id,
            buyer_id=change.seat.buyer_id,
            occurred_at=change.at,
            source=kinds.SOURCE,
            key=f"{kind}:change:{change.pk}",
            data={"session": change.session_id},
            cause=f"seat:{change.seat.uuid}",
        )
        for change in changes
    )


def record_trained(
    session_id: int, people: Iterable[tuple[int, int | None, str]], at: datetime
) -> None:
    """*people* are (account, buyer, who): trained once per session, by whatever way.

    Who was trained already is left as recorded: her time is the first one.
    """
    record_many(
        NewEvent(
            kind=kinds.TRAINED,
            account_id=account_id,
            buyer_id=buyer_id,
            occurred_at=at,
            source=kinds.SOURCE,
            key=f"{kinds.TRAINED}:{session_id}:{who}",
            data={"session": session_id},
            digest=b"trained",
        )
        for account_id, buyer_id, who in people
    )
