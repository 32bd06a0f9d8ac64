"""The last look before the wire: one statement for a chunk, with a snapshot younger
than the claim.

It reads the journal itself, so that an order placed by a colleague counts from the
commit of its event on. What passes is committed as *sending*, each with its attempt,
before a byte of it is written; what does not is settled with its reason.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from campaigns.sequences import goals, subqueries, verdicts
from campaigns.sequences.audiences import conditions
from campaigns.sequences.audiences.conditions import Rule
from campaigns.sequences.brakes import cap
from campaigns.sequences.sending.claim import LEASE
from campaigns.sequences.sending.plans import (
    Plans,
    Rows,
    Statement,
    fetch,
    fetch_beside,
)

#: Not settled, but put back into the queue: its campaign was paused.
HELD = "held"
#: Put back, to be composed again: the buyer's address is another one by now.
MOVED = "moved"


class Seen(NamedTuple):
    """What the look found: ``reason`` is empty for what may go out now."""

    reason: str
    #: The number of this try.
    epoch: int


# `chosen` stays apart and first: otherwise the planner asks about consent before it
# knows whose. `purpose` decides what stops a message; a notice knows no campaign.
_JUDGE = """
    chosen AS MATERIALIZED (
        SELECT delivery.id, delivery.epoch, delivery.step_id, delivery.occurrence,
               delivery.notice, delivery.account_id, delivery.buyer_id,
               delivery.address_hash, delivery.not_after,
               version.purpose, version.topic, coalesce(campaign.goal, '') AS goal,
               coalesce(campaign.state, 'running') AS campaign_state,
               coalesce(enrolment.state, 'active') AS enrolment_state,
               coalesce(enrolment.exit_reason, '') AS exit_reason
        FROM sequences_delivery AS delivery
        JOIN campaign_messages_messageversion AS version
            ON version.id = delivery.message_version_id
        LEFT JOIN sequences_campaign AS campaign ON campaign.id = delivery.campaign_id
        LEFT JOIN sequences_enrolment AS enrolment
            ON enrolment.id = delivery.enrolment_id
        WHERE delivery.id = ANY(%(ids)s) AND delivery.state = %(state)s
          AND delivery.claimed_by = %(worker)s
    ), {passing}
    weighed AS MATERIALIZED (
        SELECT chosen.id, chosen.epoch, unwritten.why, chosen.purpose,
               buyer.address_hash, CASE
            WHEN buyer.erased_at IS NOT NULL THEN 'erased'
            WHEN campaign_state = 'stopped' THEN 'campaign_stopped'
            WHEN campaign_state <> 'running' THEN 'held'
            WHEN enrolment_state = 'exited'
                THEN coalesce(nullif(exit_reason, ''), 'left_campaign')
            WHEN notice = '' AND {inactive} THEN 'inactive'
            WHEN notice = '' AND {ineligible} THEN 'ineligible'
            WHEN {reached} THEN 'goal_reached'
            WHEN {no_address} THEN 'no_address'
            WHEN {suppressed} THEN 'suppressed'
            WHEN {not_permitted} THEN 'no_permission'
            WHEN {unwanted} THEN 'topic_unwanted'
            WHEN {too_soon} THEN 'too_soon'
            WHEN not_after < %(at)s THEN 'too_late'
            {conditions}
            WHEN chosen.address_hash IS DISTINCT FROM buyer.address_hash THEN
                CASE WHEN EXISTS (
                    SELECT FROM sequences_delivery AS other
                    WHERE other.step_id = chosen.step_id
                      AND other.occurrence = chosen.occurrence
                      AND other.address_hash = buyer.address_hash
                      AND other.stands
                ) THEN 'same_mailbox' ELSE 'moved' END
            WHEN unwritten.id IS NOT NULL THEN 'not_composed'
            ELSE '' END AS reason
        FROM chosen
        LEFT JOIN unnest(%(unwritten)s::bigint[], %(why)s::text[])
            AS unwritten (id, why) ON unwritten.id = chosen.id
        JOIN customers_buyer AS buyer ON buyer.id = chosen.buyer_id
        JOIN customers_account AS account ON account.id = chosen.account_id
    )
"""

# One update for every verdict: each has to open the table and all its indexes.
_LOOK = f"""
    WITH {{judge}}, {cap.JUDGED}, changed AS (
        UPDATE sequences_delivery AS delivery
        SET state = CASE judged.reason WHEN '' THEN 'sending'
                                       WHEN 'held' THEN 'planned'
                                       WHEN 'not_composed' THEN 'failed'
                                       ELSE 'skipped' END,
            reason = CASE WHEN judged.reason IN ('', 'held') THEN delivery.reason
                          ELSE judged.reason END,
            detail = CASE WHEN judged.reason = 'not_composed' THEN judged.why
                          ELSE delivery.detail END,
            settled_at = CASE WHEN judged.reason IN ('', 'held')
                              THEN delivery.settled_at ELSE %(at)s END,
            epoch = delivery.epoch + (judged.reason = '')::int,
            lease_until = CASE WHEN judged.reason = '' THEN %(lease)s END,
            transport = CASE WHEN judged.reason = '' THEN %(transport)s
                             ELSE delivery.transport END,
            claimed_by = CASE WHEN judged.reason = 'held' THEN ''
                              ELSE delivery.claimed_by END
        FROM judged WHERE delivery.id = judged.id AND judged.reason <> 'moved'
        RETURNING delivery.id, delivery.epoch, judged.reason
    ), tried AS (
        INSERT INTO sequences_attempt
            (delivery_id, number, worker, started_at, outcome, code, answer)
        SELECT id, epoch, %(worker)s, %(at)s, 'started', '', ''
        FROM changed WHERE reason = ''
    )
    SELECT judged.id, judged.reason, coalesce(changed.epoch, judged.epoch)
    FROM judged LEFT JOIN changed ON changed.id = judged.id
"""  # noqa: S608 - constants of ours

_TYPES = {
    "at": "timestamptz",
    "day": "date",
    "ids": "bigint[]",
    "lease": "timestamptz",
    "state": "text",
    "transport": "text",
    "unseen_since": "timestamptz",
    "unwritten": "bigint[]",
    "why": "text[]",
    "worker": "text",
}
_LOOK_AGAIN = "WITH {judge} SELECT id, reason, epoch FROM weighed"


def nothing() -> None:
    """What most do meanwhile."""


class Looker:
    """Looks for one worker at the chunks of one batch.

    ``steps`` holds the rule of each step that has conditions. The view of the journal
    is bounded once for the batch, and planned once.
    """

    def __init__(
        self, steps: Mapping[int, Rule], plans: Plans, *, worker: str, transport: str
    ) -> None:
        self._steps = steps
        self._plans = plans
        self._worker = worker
        self._transport = transport
        self._unseen_since = goals.unseen_since()

    def look(
        self,
        ids: Sequence[int],
        unwritten: Mapping[int, str],
        at: datetime,
        *,
        first: Sequence[Statement] = (),
        work: Callable[[], object] = nothing,
    ) -> dict[int, Seen]:
        """Judge claimed deliveries; those without a reason are *sending* now.

        *unwritten* could not be composed, and why: they fail, unless they would not
        have been sent anyway. Other statements may come *first*, in the same
        transaction; *work* is done while PostgreSQL looks.
        """
        asked = self._bind(_LOOK, ids, at, unwritten, state="claimed", lease=at + LEASE)
        *_before, rows = fetch_beside([*first, asked], work)
        return {pk: Seen(reason, epoch) for pk, reason, epoch in rows}

    def look_again(self, ids: Sequence[int], at: datetime) -> dict[int, str]:
        """Of deliveries that are *sending*: those to be held back now, and why."""
        rows: Rows = fetch(self._bind(_LOOK_AGAIN, ids, at, {}, state="sending"))
        stopped = {pk: reason for pk, reason, _epoch in rows if reason}
        return {pk: why for pk, why in stopped.items() if why not in _ABOUT_ADDRESS}

    def _bind(
        self,
        statement: str,
        ids: Sequence[int],
        at: datetime,
        unwritten: Mapping[int, str],
        **values: Any,
    ) -> Statement:
        asked = {
            **verdicts.parameters(at),
            **values,
            "ids": list(ids),
            "unwritten": list(unwritten),
            "why": list(unwritten.values()),
            "worker": self._worker,
            "transport": self._transport,
            "unseen_since": self._unseen_since,
        }
        if not self._steps:
            return self._plans.bind(_of_any_step(statement), asked, _TYPES)
        text, found = self._write(statement, ids, at)
        return Statement(text, asked | found)

    def _write(
        self, statement: str, ids: Sequence[int], at: datetime
    ) -> tuple[str, dict[str, Any]]:
        asked = {step: conditions.q(rule, at) for step, rule in self._steps.items()}
        passing, tests, found = subqueries.passing(asked, _BUYERS_OF, ids, row="chosen")
        return _fill(statement, passing, tests), found


_ABOUT_ADDRESS = frozenset({MOVED, "same_mailbox"})
_BUYERS_OF = "SELECT buyer_id FROM sequences_delivery WHERE id = ANY(%s)"


def _fill(statement: str, passing: str, tests: str) -> str:
    judge = _JUDGE.format(
        passing=passing,
        conditions=tests,
        reached=goals.reached("chosen"),
        inactive=verdicts.INACTIVE,
        ineligible=verdicts.INELIGIBLE,
        no_address=verdicts.NO_ADDRESS,
        suppressed=verdicts.suppressed("chosen.purpose"),
        not_permitted=verdicts.not_permitted("chosen.purpose"),
        unwanted=verdicts.unwanted("chosen.purpose", "chosen.topic"),
        too_soon=verdicts.too_soon("chosen"),
    )
    return statement.format(judge=judge)


@cache
def _of_any_step(statement: str) -> str:
    """For steps without conditions, which most are, the text is always the same."""
    return _fill(statement, "", "")
