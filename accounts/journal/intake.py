"""Takes in what the store and the ERP report: repeat-safe, in any order, late."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from . import conflicts, forgotten, naming, strangers, unmatched
from .entries import NewEvent, Outcome, State
from .naming import Named
from .record import record_many
from .reports import INVITATION, Report
from .resolvers import register_buyer_resolver

__all__ = ["Result", "Status", "register_buyer_resolver", "take"]

UNKNOWN_BUYER = "unknown_buyer"
KEY_CONFLICT = "key_conflict"


class Status(StrEnum):
    RECORDED = "recorded"
    REPEATED = "repeated"
    CONFLICT = "conflict"
    UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a report. ``code`` says why, or what to know; else empty."""

    status: Status
    event_id: int | None = None
    code: str = ""


@transaction.atomic
def take(reports: Sequence[Report], source: str, at: datetime) -> list[Result]:
    """Record what matches, keep what does not; one result each, in their order.

    Of a key told twice the first stands, also where the first still waits for its
    account. A buyer we do not know leaves the event to the account, and is kept
    until somebody of that name comes (`strangers`); not so one who was erased.
    """
    named = naming.resolve(reports)
    reports = forgotten.unname(reports, named, source)
    lost = [n for n, one in enumerate(named) if one.account_id is None]
    kept = unmatched.keep([(reports[n], named[n].reason) for n in lost], source)
    results = dict(zip(lost, map(_unmatched, kept), strict=True))
    waiting = unmatched.waiting(reports, source)
    contradicted = [
        n
        for n, report in enumerate(reports)
        if waiting.get(report.key, report.digest) != report.digest
    ]
    conflicts.keep_reports([reports[n] for n in contradicted], source)
    results |= {n: Result(Status.CONFLICT, code=KEY_CONFLICT) for n in contradicted}
    places = [n for n in range(len(reports)) if n not in results]
    matched = [(reports[n], named[n]) for n in places]
    recorded = record_matched(matched, source, at, waiting)
    results |= dict(zip(places, recorded, strict=True))
    return [results[n] for n in range(len(reports))]


def _unmatched(kept: unmatched.Kept) -> Result:
    if kept.event_id is None:
        return Result(Status.UNMATCHED, code=kept.reason)
    if kept.same:
        return Result(Status.REPEATED, kept.event_id)
    return Result(Status.CONFLICT, kept.event_id, KEY_CONFLICT)


def record_matched(
    matched: Sequence[tuple[Report, Named]],
    source: str,
    at: datetime,
    waiting: Collection[str],
) -> list[Result]:
    """Record reports whose accounts are known, inside the caller's transaction.

    ``waiting`` are the keys under which some of them were kept as unmatched.
    """
    recorded = record_many(as_event(report, named, source) for report, named in matched)
    outcomes = list(zip(matched, recorded.outcomes, strict=True))
    strangers.keep(
        [
            (outcome.event_id, named.account_id or 0, report.buyer)
            for (report, named), outcome in outcomes
            if outcome.state == State.RECORDED and _is_stranger(report, named)
        ]
    )
    unmatched.settle(
        {
            report.key: outcome.event_id
            for (report, _), outcome in outcomes
            if outcome.state != State.CONFLICT and report.key in waiting
        },
        source,
        at,
    )
    return [_result(*one, outcome) for one, outcome in outcomes]


def _result(report: Report, named: Named, outcome: Outcome) -> Result:
    if outcome.state == State.CONFLICT:
        return Result(Status.CONFLICT, outcome.event_id, f"{outcome.on}_conflict")
    code = UNKNOWN_BUYER if _is_stranger(report, named) else ""
    return Result(Status(outcome.state.value), outcome.event_id, code)


def _is_stranger(report: Report, named: Named) -> bool:
    return bool(report.buyer) and named.buyer_id is None


def as_event(report: Report, named: Named, source: str) -> NewEvent:
    invitation = report.buyer.get(INVITATION)
    return NewEvent(
        kind=report.kind,
        account_id=named.account_id or 0,
        buyer_id=named.buyer_id,
        occurred_at=report.occurred_at,
        source=source,
        key=report.key,
        data=dict(report.data),
        cause=f"invitation:{invitation}" if invitation and named.buyer_id else "",
        digest=report.digest,
    )
