"""Reports whose account we do not know: kept as they came, matched when it arrives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from . import sets
from .models import EventKey, UnmatchedEvent
from .reports import Report

Reason = UnmatchedEvent.Reason
CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Kept:
    """Why it waits; or the event that took its key before, and whether it is that."""

    reason: str
    event_id: int | None = None
    same: bool = False


def keep(reports: Sequence[tuple[Report, str]], source: str) -> list[Kept]:
    """Keep each with its reason, once; unless its key is an event's already."""
    if not reports:
        return []
    taken = _events({report.key for report, _ in reports}, source)
    UnmatchedEvent.objects.bulk_create(
        [
            _row(report, reason, source)
            for report, reason in reports
            if report.key not in taken
        ],
        ignore_conflicts=True,
    )
    return [_kept(report, reason, taken.get(report.key)) for report, reason in reports]


def _kept(report: Report, reason: str, event: EventKey | None) -> Kept:
    if event is None:
        return Kept(reason)
    return Kept(reason, event.event_id, bytes(event.digest) == report.digest)


def _events(keys: set[str], source: str) -> dict[str, EventKey]:
    rows = EventKey.objects.filter(source=source, key__in=sets.of_texts(keys))
    return {row.key: row for row in rows}


def _row(report: Report, reason: str, source: str) -> UnmatchedEvent:
    return UnmatchedEvent(
        source=source,
        key=report.key,
        digest=report.digest,
        kind=report.kind,
        account_number=report.account_key,
        reason=reason,
        body=report.as_body(),
    )


def waiting(reports: Sequence[Report], source: str) -> dict[str, bytes]:
    """Which of their keys wait already, and with what content."""
    keys = [report.key for report in reports]
    if not keys:
        return {}
    rows = _open().filter(source=source, key__in=sets.of_texts(keys))
    return {key: bytes(digest) for key, digest in rows.values_list("key", "digest")}


def settle(events: Mapping[str, int], source: str, at: datetime) -> None:
    """What waited under these keys has become these events."""
    if not events:
        return
    waited = list(_open().filter(source=source, key__in=list(events)))
    for row in waited:
        row.matched_at, row.event_id = at, events[row.key]
    UnmatchedEvent.objects.bulk_update(waited, ["matched_at", "event_id"], 1_000)


def _open() -> QuerySet[UnmatchedEvent]:
    return UnmatchedEvent.objects.filter(matched_at=None).exclude(
        reason=Reason.CONFLICT
    )


def dismiss(ids: Sequence[int], at: datetime) -> int:
    """A person says that these are not ours; they are not looked at again."""
    rows = UnmatchedEvent.objects.filter(pk__in=ids, matched_at=None, dismissed_at=None)
    return rows.update(dismissed_at=at)


def next_chunk(after: int) -> list[UnmatchedEvent]:
    """What waits, by id, locked until the end of the transaction."""
    rows = _open().filter(dismissed_at=None, pk__gt=after).order_by("pk")
    return list(rows.select_for_update(skip_locked=True)[:CHUNK])


def give_up(ids: Sequence[int]) -> None:
    """Their keys went to other content; a person may look, nobody tries again."""
    if ids:
        rows = UnmatchedEvent.objects.filter(pk__in=ids)
        rows.update(reason=UnmatchedEvent.Reason.CONFLICT)
