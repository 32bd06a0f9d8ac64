"""`POST /api/v1/events`: what the store and the ERP report."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import OperationalError
from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.decorators import decorate_view
from ninja.errors import HttpError

from accounts.staff.access import KeyAccess
from accounts.staff.limits import at_most

from . import clock, examples, intake, wrongs
from .intake import Result
from .reports import NAMED_BY, Report
from .schemas import EventBase, EventsIn, Refused

router = Router(tags=["events"])

MOST_BYTES = 1024 * 1024
#: Clocks differ; a day is what no honest clock is ahead.
AHEAD = timedelta(days=1)


class EventProblem(Schema):
    """``code`` is for programs, ``message`` for people."""

    field: str
    code: str
    message: str


class EventResult(Schema):
    """What became of the event at ``index``.

    *recorded*: new. *repeated*: known with this content, nothing changed. *conflict*:
    known with other content, which stands. *unmatched*: kept until its account is
    known. *refused*: not kept; the problems say why.
    """

    index: int
    key: str
    result: Literal["recorded", "repeated", "conflict", "unmatched", "refused"]
    event: int | None = Field(None, description="Our number of the event that stands.")
    problems: list[EventProblem] = Field(default_factory=list)


class EventsAnswer(Schema):
    recorded: int
    repeated: int
    conflict: int
    unmatched: int
    refused: int
    results: list[EventResult]


class EventsError(Schema):
    detail: Any


@router.post(
    "/events",
    auth=KeyAccess("events"),
    response={
        200: EventsAnswer,
        **dict.fromkeys((400, 401, 403, 413, 422, 503), EventsError),
    },
    summary="Report events",
    url_name="events",
    openapi_extra=examples.OF_EVENTS,
)
@decorate_view(at_most(MOST_BYTES))
def report_events(request: HttpRequest, payload: EventsIn) -> dict[str, Any]:
    """Report up to 1,000 events; late, in any order, and as often as you like.

    Each event has a key of your own. Sent again it is *repeated* and changes nothing,
    so that a call without an answer can simply be made again. An answer 200 means that
    every event was judged; one that is *refused* does not hold up the others.
    """
    key = request.auth  # type: ignore[attr-defined]
    at = clock.now()
    judged = [_judge(item, at) for item in payload.events]
    try:
        taken = iter(
            intake.take(
                [one for one in judged if isinstance(one, Report)],
                f"api:{key.source}",
                at,
            )
        )
    except OperationalError:
        raise HttpError(503, "The database is busy; send the same again.") from None
    return _answer(
        [
            _tell(index, one, next(taken) if isinstance(one, Report) else None)
            for index, one in enumerate(judged)
        ]
    )


class _Bad:
    """An item that is not taken, and why."""

    def __init__(self, key: str, problems: list[dict[str, str]]) -> None:
        self.key, self.problems = key, problems


def _judge(item: EventBase | Refused, at: datetime) -> Report | _Bad:
    if isinstance(item, Refused):
        return _Bad(item.key, wrongs.problems(item.errors))
    if item.occurred_at > at + AHEAD:
        return _Bad(item.key, [wrongs.problem("occurred_at", "too_late")])
    return as_report(item)


def as_report(item: EventBase) -> Report:
    buyer = item.buyer.model_dump(exclude_none=True) if item.buyer else {}
    return Report(
        key=item.key,
        kind=item.kind,
        occurred_at=item.occurred_at,
        account=item.account or "",
        buyer={way: buyer[way] for way in NAMED_BY if way in buyer},
        data=item.details(),
    )


def _tell(index: int, one: Report | _Bad, result: Result | None) -> dict[str, Any]:
    if isinstance(one, _Bad) or result is None:
        problems = one.problems if isinstance(one, _Bad) else []
        return _line(index, one.key, "refused", None, problems)
    field = FIELD_OF.get(result.code, "")
    problems = [wrongs.problem(field, result.code)] if result.code else []
    return _line(index, one.key, result.status.value, result.event_id, problems)


FIELD_OF = {
    "key_conflict": "key",
    "document_conflict": "document",
    "unknown_account": "account",
    "ambiguous_account": "account",
    "unknown_invitation": "buyer.invitation",
    "unknown_buyer": "buyer",
}


def _line(
    index: int, key: str, result: str, event: int | None, problems: Any
) -> dict[str, Any]:
    return {
        "index": index,
        "key": key,
        "result": result,
        "event": event,
        "problems": problems,
    }


def _answer(lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    counts = dict.fromkeys(
        ("recorded", "repeated", "conflict", "unmatched", "refused"), 0
    )
    for line in lines:
        counts[line["result"]] += 1
    return {**counts, "results": lines}
