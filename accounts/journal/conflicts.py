"""Keeps what contradicts an event that stands, for a person to look at."""

from collections.abc import Iterable, Sequence
from typing import Any

from .entries import NewEvent
from .models import EventConflict
from .reports import Report


def keep(found: Iterable[tuple[NewEvent, str, int | None]]) -> None:
    """Each (event, what differs, the event that stands) once, however often told."""
    EventConflict.objects.bulk_create(
        [
            EventConflict(
                source=event.source,
                key=event.key,
                digest=event.fingerprint(),
                on=on,
                event_id=stands,
                body=_body(event),
            )
            for event, on, stands in found
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )


def _body(event: NewEvent) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "account_id": event.account_id,
        "buyer_id": event.buyer_id,
        "occurred_at": event.occurred_at.isoformat(),
        "cause": event.cause,
        "data": event.data,
    }


def keep_reports(reports: Sequence[Report], source: str) -> None:
    """The same for reports that never became events."""
    if not reports:
        return
    EventConflict.objects.bulk_create(
        [
            EventConflict(
                source=source,
                key=report.key,
                digest=report.digest,
                on=EventConflict.On.KEY,
                body=report.as_body(),
            )
            for report in reports
        ],
        ignore_conflicts=True,
    )
