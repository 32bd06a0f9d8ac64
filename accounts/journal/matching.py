"""Tries again what could not be matched: after customers were written, and hourly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db import transaction

from . import intake, naming, strangers, unmatched
from .intake import Status
from .models import UnmatchedEvent
from .reports import from_body


@dataclass(frozen=True, slots=True)
class Matched:
    """How many events found their account, and how many their buyer."""

    events: int
    buyers: int


def match_again(at: datetime) -> Matched:
    """All that waits, a thousand at a time; two at once do each a part."""
    events, last = 0, 0
    while chunk := _match_chunk(last, at):
        last, found = chunk
        events += found
    return Matched(events, strangers.attach(at))


@transaction.atomic
def _match_chunk(after: int, at: datetime) -> tuple[int, int] | None:
    rows = unmatched.next_chunk(after)
    if not rows:
        return None
    by_source = sorted(rows, key=lambda row: row.source)
    found = sum(
        _match(list(of_source), source, at)
        for source, of_source in groupby(by_source, key=lambda row: row.source)
    )
    return rows[-1].pk, found


def _match(rows: Sequence[UnmatchedEvent], source: str, at: datetime) -> int:
    reports = [from_body(row.body, bytes(row.digest)) for row in rows]
    named = naming.resolve(reports)
    places = [n for n, one in enumerate(named) if one.account_id is not None]
    matched = [(reports[n], named[n]) for n in places]
    waiting = {row.key for row in rows}
    results = intake.record_matched(matched, source, at, waiting)
    clashing = [
        rows[place].pk
        for place, result in zip(places, results, strict=True)
        if result.status == Status.CONFLICT
    ]
    unmatched.give_up(clashing)
    return len(places) - len(clashing)
