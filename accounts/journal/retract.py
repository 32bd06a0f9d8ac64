"""Taking back what was recorded by mistake, such as an attendance that was none.

The journal is only added to: an event of its own says that another one does not count.
What sums up other kinds leaves out what was taken back (`sums.of_kinds`), and is summed
up anew when that becomes known (`progress`). Core kinds have corrections of their own
in the systems that report them, and cannot be taken back here.
"""

from collections.abc import Collection
from datetime import datetime

from .entries import NewEvent
from .kinds import DOCUMENTS, IN_COLUMNS, RETRACTED
from .models import Event, EventKey
from .record import record

#: The source of these events; their key is the id of what they take back.
SOURCE = "retraction"


def retract(source: str, key: str, at: datetime) -> bool:
    """Take back the event of this key; whether there was one that still counted."""
    found = EventKey.objects.filter(source=source, key=key).first()
    if found is None or _is_retracted(found.event_id):
        return False
    event = Event.objects.get(pk=found.event_id)
    if event.kind in (*IN_COLUMNS, *DOCUMENTS, RETRACTED):
        raise ValueError(f"Events of the kind “{event.kind}” cannot be taken back.")
    record(_of(event, at))
    return True


def standing_key(source: str, key: str) -> str:
    """*key*, or the next free form of it where what it named was taken back.

    So the same may be recorded once more; told twice it still counts once.
    """
    wanted, turn = key, 1
    while (
        found := EventKey.objects.filter(source=source, key=wanted).first()
    ) and _is_retracted(found.event_id):
        turn += 1
        wanted = f"{key}#{turn}"
    return wanted


def standing_of(kind: str, buyers: Collection[int]) -> set[int]:
    """Those of *buyers* with an event of *kind* that was not taken back."""
    told = Event.objects.filter(buyer__in=list(buyers), kind=kind)
    events = dict(told.values_list("pk", "buyer_id"))
    keys = EventKey.objects.filter(source=SOURCE, key__in=[str(pk) for pk in events])
    gone = {int(key) for key in keys.values_list("key", flat=True)}
    return {buyer for pk, buyer in events.items() if buyer and pk not in gone}


def _is_retracted(event_id: int) -> bool:
    return EventKey.objects.filter(source=SOURCE, key=str(event_id)).exists()


def _of(event: Event, at: datetime) -> NewEvent:
    return NewEvent(
        kind=RETRACTED,
        account_id=event.account_id,
        buyer_id=event.buyer_id,
        occurred_at=at,
        source=SOURCE,
        key=str(event.pk),
        data={"event": event.pk, "kind": event.kind},
        cause=event.cause,
        # Taken back twice at once, it is taken back once.
        digest=b"retracted",
    )
