"""Tells repeats from conflicts among events that found a key taken."""

from collections.abc import Sequence

from . import conflicts, store
from .entries import NewEvent, Outcome, State
from .models import EventConflict
from .store import Holder, Written


def settle(
    events: Sequence[NewEvent], written: Sequence[Written], holders: Sequence[Holder]
) -> list[Outcome]:
    """What became of each event of a batch, in its order."""
    found = {row.n: Outcome(State.RECORDED, row.id) for row in written if row.stored}
    on_document = [held for held in holders if written[held.n].claimed]
    on_key = [held for held in holders if not written[held.n].claimed]
    found |= {held.n: _judge_document(held) for held in on_document}
    twins = {row.id: found[row.n] for row in written if row.claimed}
    found |= {held.n: _judge_key(held, twins.get(held.own_event)) for held in on_key}
    _rearrange(events, on_document)
    conflicts.keep(
        [
            (events[n], outcome.on, outcome.event_id)
            for n, outcome in found.items()
            if outcome.state == State.CONFLICT
        ]
    )
    return [found[n] for n in range(len(events))]


def _judge_document(held: Holder) -> Outcome:
    """The key was free, the document known from elsewhere."""
    event_id = held.document_event or 0
    if held.same_document:
        return Outcome(State.REPEATED, event_id)
    return Outcome(State.CONFLICT, event_id, EventConflict.On.DOCUMENT)


def _judge_key(held: Holder, twin: Outcome | None) -> Outcome:
    """The key was taken: long ago, or by a twin in the same batch."""
    stands = Outcome(State.REPEATED, held.own_event) if twin is None else twin
    if not held.same:
        return Outcome(State.CONFLICT, stands.event_id, EventConflict.On.KEY)
    if stands.state == State.RECORDED:
        return Outcome(State.REPEATED, stands.event_id)
    return stands


def _rearrange(events: Sequence[NewEvent], on_document: Sequence[Holder]) -> None:
    """No event was recorded under these keys: they name the one that stands, or go."""
    same = [held for held in on_document if held.same_document]
    other = [held for held in on_document if not held.same_document]
    if same:
        keys = [(events[held.n].source, events[held.n].key) for held in same]
        store.point(keys, [held.document_event or 0 for held in same])
    if other:
        store.free([(events[held.n].source, events[held.n].key) for held in other])
