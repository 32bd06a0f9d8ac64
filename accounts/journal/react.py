"""Lets reactions see what came into the journal, in batches."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, transaction

from . import inbox, locks, poison, reactions
from .reactions import Fact, Reaction

log = structlog.get_logger(__name__)

# The database's own troubles (a deadlock, a lost connection, a time-out) say nothing
# about the event: the whole batch goes back to the inbox and is tried again.
PASSING = (OperationalError, InterfaceError)


def react(at: datetime, limit: int = 2000) -> int:
    """React to one batch of events; how many they were.

    0 means that nothing waits, or that other reactors are at it. The batch, what
    follows from it and its leaving the inbox are one transaction.
    """
    with transaction.atomic():
        shards = locks.take_busy()
        facts = inbox.take(shards, limit) if shards else []
        for reaction in reactions.registered().values():
            _call(reaction, reaction.wanted(facts), at)
    return len(facts)


def react_to_all(at: datetime, limit: int = 2000) -> int:
    """React until nothing waits; how many events there were."""
    handled = 0
    while batch := react(at, limit):
        handled += batch
    return handled


def _call(reaction: Reaction, facts: Sequence[Fact], at: datetime) -> None:
    """Call it; if it fails, halve the batch until the culprits stand alone."""
    if not facts:
        return
    try:
        with transaction.atomic():
            reaction.function(facts, at)
    except PASSING:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it waits for a person
        if len(facts) == 1:
            poison.set_aside(facts[0], reaction.name, error, at)
            return
        middle = len(facts) // 2
        _call(reaction, facts[:middle], at)
        _call(reaction, facts[middle:], at)
