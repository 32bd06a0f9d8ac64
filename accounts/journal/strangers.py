"""Buyers whom an event named before we knew them: kept, and attached when they come.

The event counts for its account from the first moment. Once there is such a buyer,
a new event of the same kind, instant and content is recorded for the buyer; it
*corrects* the first, and counts for nobody but the buyer.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from . import naming
from .entries import NewEvent
from .models import Event, UnknownBuyer
from .record import record_many
from .reports import EMAIL, EXTERNAL_ID, INVITATION, email_key

CHUNK = 1_000
SOURCE = "journal"


def keep(found: Sequence[tuple[int, int, Mapping[str, str]]]) -> None:
    """(event, account, how the buyer was named), once per event."""
    if not found:
        return
    UnknownBuyer.objects.bulk_create(
        [
            UnknownBuyer(
                event_id=event,
                account_id=account,
                email_key=email_key(buyer[EMAIL])[:254] if EMAIL in buyer else "",
                external_id=buyer.get(EXTERNAL_ID, ""),
                invitation=buyer.get(INVITATION, ""),
            )
            for event, account, buyer in found
        ],
        ignore_conflicts=True,
    )


def attach(at: datetime) -> int:
    """Attach whoever has come since; how many events found their buyer."""
    attached, last = 0, 0
    while chunk := _attach_chunk(last, at):
        last, found = chunk
        attached += found
    return attached


@transaction.atomic
def _attach_chunk(after: int, at: datetime) -> tuple[int, int] | None:
    open_rows = UnknownBuyer.objects.filter(attached_at=None, event_id__gt=after)
    rows = list(
        open_rows.order_by("event_id").select_for_update(skip_locked=True)[:CHUNK]
    )
    if not rows:
        return None
    buyers = naming.find_buyers([(row.account_id, _named(row)) for row in rows])
    found = {
        row.event_id: buyer
        for row, buyer in zip(rows, buyers, strict=True)
        if buyer is not None
    }
    _correct(found)
    _settle([row for row in rows if row.event_id in found], found, at)
    return rows[-1].event_id, len(found)


def _named(row: UnknownBuyer) -> dict[str, str]:
    ways = {
        INVITATION: row.invitation,
        EXTERNAL_ID: row.external_id,
        EMAIL: row.email_key,
    }
    return {way: reference for way, reference in ways.items() if reference}


def _correct(found: Mapping[int, int]) -> None:
    events = Event.objects.filter(pk__in=list(found)).order_by("pk")
    record_many(
        NewEvent(
            kind=event.kind,
            account_id=event.account_id,
            buyer_id=found[event.pk],
            occurred_at=event.occurred_at,
            source=SOURCE,
            key=f"buyer-of-{event.pk}",
            data=event.data,
            cause=event.cause,
            corrects=event.pk,
        )
        for event in events
    )


def _settle(
    rows: Sequence[UnknownBuyer], found: Mapping[int, int], at: datetime
) -> None:
    """Whom it was is known now; what the buyer was called by is kept no longer."""
    for row in rows:
        row.buyer_id, row.attached_at = found[row.event_id], at
        row.email_key = row.external_id = row.invitation = ""
    UnknownBuyer.objects.bulk_update(
        rows, ["buyer", "attached_at", "email_key", "external_id", "invitation"], 1_000
    )
