"""Writes down what became of messages that were on the wire: a chunk, one statement.

Conditional on the try it speaks of, so that the sender, the reaper and a person may
all say it, in any order and repeatedly; what was sent stays sent.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from django.db import InterfaceError, OperationalError, transaction

from campaigns.sequences.brakes.grip import TOO_MANY
from campaigns.sequences.models import Delivery
from campaigns.sequences.sending import handed_over
from campaigns.sequences.sending.handed_over import Tell
from campaigns.sequences.sending.plans import Plans, Statement, fetch
from campaigns.sequences.sending.transports import Result, Verdict

log = structlog.get_logger(__name__)

#: After so many tries that reached the provider, one more "later" is the end.
MOST_ATTEMPTS = 6
_BACKOFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240))

_State = Delivery.State


class Settlement(NamedTuple):
    """The fate of one try. ``attempts`` are those before it."""

    delivery_id: int
    epoch: int
    result: Result
    at: datetime
    attempts: int = 0
    #: Why it was skipped, or is unknown, where the result alone does not say it.
    reason: str = ""

    @property
    def state(self) -> _State:
        match self.result.verdict:
            case Verdict.ACCEPTED:
                return _State.SENT
            case Verdict.REFUSED:
                return _State.FAILED
            case Verdict.AMBIGUOUS:
                return _State.UNKNOWN
            case Verdict.LATER:
                last = self.counts and self.attempts + 1 >= MOST_ATTEMPTS
                return _State.FAILED if last else _State.PLANNED
            case Verdict.WITHHELD:
                return _State.SKIPPED if self.reason else _State.PLANNED

    @property
    def why(self) -> str:
        """The reason that the delivery's row will carry."""
        if self.reason:
            return self.reason
        match self.result.verdict:
            case Verdict.ACCEPTED | Verdict.WITHHELD:
                return ""
            case Verdict.REFUSED:
                return "refused"
            case Verdict.LATER:
                return "given_up" if self.state is _State.FAILED else "later"
            case Verdict.AMBIGUOUS:
                return "no_answer"

    @property
    def due_at(self) -> datetime | None:
        """When to try again; None leaves the time as it is."""
        if self.result.verdict is not Verdict.LATER:
            return None
        wait = _BACKOFF[min(self.attempts, len(_BACKOFF) - 1)]
        return self.at + max(wait, self.result.retry_after or wait)

    @property
    def counts(self) -> int:
        """Was this try about the message? To be told to slow down is not."""
        withheld = self.result.verdict is Verdict.WITHHELD
        return int(not withheld and self.result.code != TOO_MANY)


# An unknown one may still turn out to be sent, never the other way round. Rows in the
# order of their ids: reactions lock enrolments in that order too.
_SETTLE = """
    WITH said AS MATERIALIZED (
        SELECT * FROM json_to_recordset(%(said)s::json) AS said (
            id bigint, epoch int, state text, reason text, answer text, code text,
            verdict text, provider_id text, due_at timestamptz, at timestamptz,
            counts int)
    ), settled AS (
        UPDATE sequences_delivery AS delivery
        SET state = said.state,
            reason = said.reason,
            detail = left(concat_ws(' ', nullif(said.code, ''),
                                    nullif(said.answer, '')), 300),
            provider_id = CASE WHEN said.provider_id = '' THEN delivery.provider_id
                               ELSE said.provider_id END,
            due_at = coalesce(said.due_at, delivery.due_at),
            sent_at = CASE WHEN said.state = 'sent' THEN said.at END,
            settled_at = CASE WHEN said.state <> 'planned' THEN said.at END,
            attempts = delivery.attempts + said.counts,
            claimed_by = CASE WHEN said.state = 'planned' THEN ''
                              ELSE delivery.claimed_by END,
            lease_until = NULL
        FROM said
        WHERE delivery.id = said.id AND delivery.epoch = said.epoch
          AND (delivery.state = 'sending'
               OR (delivery.state = 'unknown' AND said.state = 'sent'))
        RETURNING delivery.id, delivery.enrolment_id, delivery.sent_at, said.epoch,
                  said.verdict, said.code, said.answer, said.at
    ), tried AS (
        UPDATE sequences_attempt AS attempt
        SET ended_at = settled.at, outcome = settled.verdict,
            code = left(settled.code, 10), answer = left(settled.answer, 300)
        FROM settled
        WHERE attempt.delivery_id = settled.id AND attempt.number = settled.epoch
    ), ready AS MATERIALIZED (
        SELECT enrolment.id, settled.sent_at
        FROM sequences_enrolment AS enrolment
        JOIN settled ON settled.enrolment_id = enrolment.id
        WHERE settled.sent_at IS NOT NULL AND enrolment.sent_at IS NULL
        ORDER BY enrolment.id
        FOR NO KEY UPDATE OF enrolment
    ), first_sent AS (
        UPDATE sequences_enrolment AS enrolment SET sent_at = ready.sent_at
        FROM ready WHERE enrolment.id = ready.id AND enrolment.sent_at IS NULL
    )
    SELECT id FROM settled WHERE sent_at IS NOT NULL
"""


def settle(
    settlements: Sequence[Settlement],
    *,
    tell: Tell | None = handed_over.tell,
    plans: Plans | None = None,
) -> list[int]:
    """Settle them and return the ids of those sent, which *tell* hears of.

    One statement, of *plans* where several chunks follow one another; and those of
    *tell*, in one transaction with it. Where *tell* breaks, what was sent is written
    down all the same.
    """
    if not settlements:
        return []
    if tell is None:
        return _settle(settlements, plans)
    try:
        with transaction.atomic():
            sent = _settle(settlements, plans)
            tell(sent, max(one.at for one in settlements))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("link_not_told", deliveries=len(settlements))
        return _settle(settlements, plans)
    return sent


def _settle(settlements: Sequence[Settlement], plans: Plans | None) -> list[int]:
    return [row[0] for row in fetch(bind(settlements, plans))]


def bind(settlements: Sequence[Settlement], plans: Plans | None = None) -> Statement:
    """The statement that settles them, for who runs it beside others; it gives the ids
    of those sent."""
    ordered = sorted(settlements, key=lambda one: one.delivery_id)
    # One text for all: eleven arrays of texts took the driver three times as long.
    said = {"said": json.dumps([_describe(one) for one in ordered])}
    return plans.bind(_SETTLE, said, _TYPES) if plans else Statement(_SETTLE, said)


_TYPES = {"said": "json"}


def _describe(one: Settlement) -> dict[str, Any]:
    result, due_at = one.result, one.due_at
    return {
        "id": one.delivery_id,
        "epoch": one.epoch,
        "state": one.state,
        "reason": one.why,
        "answer": _storable(result.answer),
        "code": _storable(result.code),
        "verdict": result.verdict,
        "provider_id": _storable(result.provider_id),
        "due_at": due_at and due_at.isoformat(),
        "at": one.at.isoformat(),
        "counts": one.counts,
    }


def _storable(text: str) -> str:
    """A server may answer anything; PostgreSQL stores no NUL and no half character."""
    if text.isprintable():
        return text
    return text.replace("\0", "").encode("utf-8", "replace").decode()
