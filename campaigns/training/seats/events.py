"""What seats tell the journal: once for each line of their history."""

from collections.abc import Iterable
from datetime import datetime

from accounts.journal import retract
from accounts.journal.record import NewEvent, record_many
from campaigns.training import entitled, kinds
from campaigns.training.models import RecordingView, Seat, SeatChange


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
            key=retract.standing_key(kinds.SOURCE, _trained(session_id, who)),
            data={"session": session_id},
            digest=b"trained",
        )
        for account_id, buyer_id, who in people
    )


def take_back(seat: Seat, at: datetime) -> None:
    """What the journal knows of her attendance was a mistake: it counts no more.

    She stays trained where she also watched the recording, and that counts.
    """
    noted = seat.changes.filter(after=seat.state).exclude(before=seat.state)
    last = noted.order_by("-pk").values_list("pk", flat=True).first()
    retract.retract(kinds.SOURCE, f"{seat.state}:change:{last}", at)
    if seat.state == Seat.State.ATTENDED and not _watched(seat):
        who = str(seat.buyer_id or seat.uuid)
        key = retract.standing_key(kinds.SOURCE, _trained(seat.session_id, who))
        retract.retract(kinds.SOURCE, key, at)


def _trained(session_id: int, who: str) -> str:
    return f"{kinds.TRAINED}:{session_id}:{who}"


def _watched(seat: Seat) -> bool:
    views = RecordingView.objects.filter(
        session=seat.session_id, session__watched_counts=True, buyer=seat.buyer_id
    ).select_related("session")
    return any(
        view.percent >= view.ENOUGH or not entitled.is_playable(view.session)
        for view in views
    )
