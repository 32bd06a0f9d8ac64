"""The one writing door to the journal: set-based, and harmless when repeated."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import transaction

from . import digests, doorbell, repeats, store
from .entries import NewEvent, Outcome, Recorded, State
from .kinds import RETRACTED, UnknownKind, known
from .staging import staged

__all__ = ["NewEvent", "Outcome", "Recorded", "State", "record", "record_many"]

#: So many events are one statement; more of them are taken in turns.
CHUNK = 5_000
#: The source of the keys of documents, which all sources share.
RESERVED = "document"


def record(event: NewEvent) -> Outcome:
    """Record one event: one statement, unless its key or document is known."""
    return record_many([event]).outcomes[0]


def record_many(events: Iterable[NewEvent]) -> Recorded:
    """Record each event once, all of them or none; usable within a transaction.

    Of events with the same (source, key), or the same document of an account, the
    first recorded stands. Another with the same content is *repeated*; with other
    content it is a *conflict*, kept as `EventConflict` and shown.
    """
    outcomes: list[Outcome] = []
    with transaction.atomic(savepoint=False):
        for chunk in _chunks(events):
            outcomes += _record(chunk)
        recorded = Recorded(outcomes)
        if recorded.new:
            doorbell.ring_on_commit(doorbell.REACT)
    return recorded


def _chunks(events: Iterable[NewEvent]) -> Iterator[list[NewEvent]]:
    remaining = iter(events)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


def _record(events: Sequence[NewEvent]) -> list[Outcome]:
    rows = [_row(n, event) for n, event in enumerate(events)]
    with staged(store.ROWS, rows) as batch:
        written = store.write(batch)
        lost = [row.n for row in written if not row.stored]
        if not lost:
            return [Outcome(State.RECORDED, row.id) for row in written]
        return repeats.settle(events, written, store.look(batch, lost))


def _row(n: int, event: NewEvent) -> tuple[Any, ...]:
    if event.kind not in known():
        raise UnknownKind(event.kind)
    if (event.kind == RETRACTED) != (event.source == "retraction"):
        raise ValueError("Only `retract` records that something is taken back.")
    if event.source == RESERVED:
        raise ValueError(f"No source may be called “{RESERVED}”.")
    document, text = event.document, event.text
    return (
        n,
        event.kind,
        event.account_id,
        event.buyer_id,
        event.occurred_at,
        event.source,
        event.key,
        event.cause,
        event.corrects,
        text,
        event.fingerprint(text),
        document,
        digests.of_document(event.data) if document else None,
    )
