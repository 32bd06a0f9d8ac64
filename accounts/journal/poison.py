"""Events that a reaction could not digest: set aside, shown, retried by a person."""

from collections.abc import Iterable
from datetime import datetime

import structlog
from django.db import transaction

from . import inbox, locks, reactions
from .models import EventPoison
from .reactions import Fact

log = structlog.get_logger(__name__)


def set_aside(fact: Fact, reaction: str, error: Exception, at: datetime) -> None:
    """Keep it from the reaction that failed; every other one still gets it."""
    log.error(
        "event_set_aside",
        event_id=fact.event_id,
        reaction=reaction,
        error=type(error).__name__,
    )
    EventPoison.objects.update_or_create(
        event_id=fact.event_id,
        reaction=reaction,
        defaults={
            "recorded_at": fact.recorded_at,
            "account_id": fact.account_id,
            "kind": fact.kind,
            "error": describe(error),
            "failed_at": at,
            "settled_at": None,
        },
    )


def retry(ids: Iterable[int], at: datetime) -> int:
    """Let the reactions have these events again; how many were digested."""
    return sum(_retry(number, at) for number in ids)


@transaction.atomic
def _retry(number: int, at: datetime) -> bool:
    account = EventPoison.objects.values_list("account_id", flat=True).get(pk=number)
    locks.wait_for([locks.shard_of(account)])
    row = EventPoison.objects.select_for_update().get(pk=number)
    if row.settled_at is not None:
        return False
    row.retried_at = at
    row.error = _try(row, at)
    row.settled_at = None if row.error else at
    row.save(update_fields=["retried_at", "error", "settled_at"])
    return row.settled_at is not None


def _try(row: EventPoison, at: datetime) -> str:
    """What is still wrong, or nothing."""
    reaction = reactions.registered().get(row.reaction)
    if reaction is None:
        return f"There is no reaction “{row.reaction}” any more."
    try:
        with transaction.atomic():
            facts = inbox.read([row.event_id], row.recorded_at, row.recorded_at)
            reaction.function(facts, at)
    except Exception as error:  # noqa: BLE001 - it is shown to the person who retried
        return describe(error)
    return ""


def describe(error: Exception) -> str:
    # The first line alone: the ones after it may quote the row, and so a person.
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"[:500]
