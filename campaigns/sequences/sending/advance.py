"""Takes what is due a step further: plans its message, or says why there is none.

Set-based: a batch costs the same few statements however many enrolments it holds,
and grows by one subquery for each step in it that has conditions.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from campaigns.sequences import goals, subqueries, turns, verdicts
from campaigns.sequences.audiences import conditions
from campaigns.sequences.models import Step
from campaigns.sequences.planning import lifecycle, standstill
from campaigns.sequences.turns import Occasion, Turn

BATCH = 5_000


def advance(at: datetime, limit: int = BATCH) -> int:
    """Take up to *limit* due enrolments of running campaigns further; how many."""
    with transaction.atomic():
        standstill.respect()
        due = _lock(at, limit)
        if due:
            occasions = _gather(due)
            decided = turns.decide(occasions, _steps(occasions), at)
            _move(due, decided, at)
    return len(due)


# Campaigns in any order, so that a big one does not hold up the small ones; those
# that do not run cost nothing, however much of theirs is due.
_LOCK = """
    WITH due AS MATERIALIZED (
        SELECT waiting.id
        FROM (SELECT id FROM sequences_campaign WHERE state = 'running'
              ORDER BY random()) AS campaign
        CROSS JOIN LATERAL (
            SELECT id FROM sequences_enrolment
            WHERE campaign_id = campaign.id AND state = 'active' AND due_at <= %(at)s
            ORDER BY due_at, id LIMIT %(limit)s
            FOR NO KEY UPDATE SKIP LOCKED
        ) AS waiting
        LIMIT %(limit)s
    )
    SELECT id FROM due
"""


def _lock(at: datetime, limit: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"at": at, "limit": limit})
        return [row[0] for row in cursor.fetchall()]


ZONE = "coalesce(nullif(buyer.time_zone, ''), account.time_zone)"

_GATHER = f"""
    SELECT DISTINCT enrolment.version_id, enrolment.position, enrolment.due_at,
           {ZONE}, account.country
    FROM sequences_enrolment AS enrolment
    JOIN customers_buyer AS buyer ON buyer.id = enrolment.buyer_id
    JOIN customers_account AS account ON account.id = enrolment.account_id
    WHERE enrolment.id = ANY(%(due)s)
"""  # noqa: S608 - constants of this module


def _gather(due: Sequence[int]) -> list[Occasion]:
    with connection.cursor() as cursor:
        cursor.execute(_GATHER, {"due": list(due)})
        return [Occasion(*row) for row in cursor.fetchall()]


def _steps(occasions: Sequence[Occasion]) -> Mapping[int, Sequence[Step]]:
    found: dict[int, list[Step]] = defaultdict(list)
    steps = Step.objects.filter(version__in={one.version_id for one in occasions})
    for step in steps.select_related("message_version", "version"):
        found[step.version_id].append(step)
    return found


_MOVE = """
    WITH turn AS MATERIALIZED (
        SELECT * FROM unnest(
            %(versions)s::bigint[], %(positions)s::smallint[],
            %(dues)s::timestamptz[], %(zones)s::text[], %(countries)s::text[],
            %(actions)s::text[], %(steps)s::bigint[], %(messages)s::bigint[],
            %(purposes)s::text[], %(next_positions)s::smallint[],
            %(next_dues)s::timestamptz[], %(latest)s::timestamptz[],
            %(local)s::text[], %(parks)s::boolean[])
        AS turn (version_id, position, due_at, zone, country, action, step_id,
                 message_version_id, purpose, next_position, next_due, not_after,
                 local_due, parks)
    ), due AS MATERIALIZED (
        SELECT enrolment.id, enrolment.campaign_id, enrolment.account_id,
               enrolment.buyer_id, enrolment.lap, campaign.goal, turn.*
        FROM sequences_enrolment AS enrolment
        JOIN sequences_campaign AS campaign ON campaign.id = enrolment.campaign_id
        JOIN customers_buyer AS buyer ON buyer.id = enrolment.buyer_id
        JOIN customers_account AS account ON account.id = enrolment.account_id
        JOIN turn ON turn.version_id = enrolment.version_id
            AND turn.position = enrolment.position AND turn.due_at = enrolment.due_at
            AND turn.zone = {zone} AND turn.country = account.country
        WHERE enrolment.id = ANY(%(due)s)
    ), {passing}
    judged AS MATERIALIZED (
        SELECT due.*, buyer.address_hash, CASE
            WHEN {inactive} THEN 'inactive'
            WHEN {ineligible} THEN 'ineligible'
            WHEN {reached} THEN 'goal_reached'
            WHEN action NOT IN ('send', 'leave_out') THEN ''
            WHEN {no_address} THEN 'no_address'
            WHEN {suppressed} THEN 'suppressed'
            WHEN {not_permitted} THEN 'no_permission'
            WHEN action = 'leave_out' THEN 'too_late'
            {conditions}
            ELSE '' END AS reason
        FROM due
        JOIN customers_buyer AS buyer ON buyer.id = due.buyer_id
        JOIN customers_account AS account ON account.id = due.account_id
    ), wanted AS MATERIALIZED (
        SELECT * FROM judged WHERE {wanted}
    ), planned AS (
        INSERT INTO sequences_delivery ({columns})
        SELECT {values}, 'planned', '', NULL FROM wanted WHERE reason = ''
        -- In one order for everybody: two dispatchers may meet at one mailbox.
        ORDER BY step_id, address_hash, id
        ON CONFLICT DO NOTHING
        RETURNING enrolment_id
    ), skipped AS (
        INSERT INTO sequences_delivery ({columns})
        SELECT {values}, 'skipped', coalesce(nullif(reason, ''), 'same_mailbox'),
               %(at)s
        FROM wanted WHERE id NOT IN (SELECT enrolment_id FROM planned)
        ON CONFLICT DO NOTHING
    )
    UPDATE sequences_enrolment AS enrolment
    SET state = CASE WHEN judged.reason = ANY(%(leaving)s) THEN 'exited'
                     WHEN judged.next_due IS NULL AND NOT judged.parks THEN 'finished'
                     ELSE 'active' END,
        exit_reason = CASE WHEN judged.reason = ANY(%(leaving)s)
                           THEN judged.reason ELSE '' END,
        due_at = CASE WHEN judged.reason = ANY(%(leaving)s) THEN NULL
                      ELSE judged.next_due END,
        position = CASE WHEN {wanted} THEN judged.next_position
                        ELSE enrolment.position END
    FROM judged WHERE enrolment.id = judged.id
"""
# Asked twice instead of joined: the planner takes 5,000 rows of a CTE for 25, and
# compared each with each, for half a minute.
_WANTED = """
    judged.action IN ('send', 'leave_out')
    AND judged.reason NOT IN ('inactive', 'ineligible', 'goal_reached')
"""

_COLUMNS = (
    "uuid, campaign_id, enrolment_id, step_id, occurrence, notice, message_version_id,"
    " account_id, buyer_id, address_hash, detail, due_at, local_due, zone, not_after,"
    " claimed_by, epoch, attempts, transport, provider_id, settled_note,"
    " state, reason, settled_at"
)
_VALUES = (
    "gen_random_uuid(), campaign_id, id, step_id, lap, '', message_version_id,"
    " account_id, buyer_id, address_hash, '', due_at, local_due, zone, not_after,"
    " '', 0, 0, '', '', ''"
)


def _move(due: Sequence[int], decided: Sequence[Turn], at: datetime) -> None:
    passing, tests, values, unreadable = _conditions(due, decided, at)
    kept = [turn for turn in decided if turn.occasion.version_id not in unreadable]
    statement = _MOVE.format(
        zone=ZONE,
        passing=passing,
        conditions=tests,
        reached=goals.reached("due"),
        inactive=verdicts.INACTIVE,
        ineligible=verdicts.INELIGIBLE,
        no_address=verdicts.NO_ADDRESS,
        suppressed=verdicts.suppressed("due.purpose"),
        not_permitted=verdicts.not_permitted("due.purpose"),
        wanted=_WANTED,
        columns=_COLUMNS,
        values=_VALUES,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                **_arrays(kept),
                **verdicts.parameters(at),
                **values,
                "due": list(due),
                "leaving": list(verdicts.LEAVING),
                "unseen_since": goals.unseen_since(),
            },
        )


def _arrays(decided: Sequence[Turn]) -> dict[str, list[Any]]:
    occasions = [turn.occasion for turn in decided]
    steps = [turn.step for turn in decided]
    return {
        "versions": [one.version_id for one in occasions],
        "positions": [one.position for one in occasions],
        "dues": [one.due_at for one in occasions],
        "zones": [one.zone for one in occasions],
        "countries": [one.country for one in occasions],
        "actions": [str(turn.action) for turn in decided],
        "steps": [step and step.pk for step in steps],
        "messages": [step and step.message_version_id for step in steps],
        "purposes": [_purpose(step) for step in steps],
        "next_positions": [turn.next_position for turn in decided],
        "next_dues": [turn.next_due for turn in decided],
        "latest": [turn.not_after for turn in decided],
        "local": [turns.shown(one) for one in occasions],
        "parks": [turn.parks for turn in decided],
    }


def _purpose(step: Step | None) -> str:
    version = step.message_version if step else None
    return version.purpose if version else "marketing"


def _conditions(
    due: Sequence[int], decided: Sequence[Turn], at: datetime
) -> tuple[str, str, dict[str, Any], set[int]]:
    """SQL of who passes the conditions of each step, and its parameters.

    The versions of which a step cannot be read any more are named, and their
    campaigns paused: nothing is sent on a guess.
    """
    asked, unreadable = {}, set()
    for step in {turn.step for turn in decided if turn.step and turn.step.only_if}:
        try:
            asked[step.pk] = conditions.q(step.only_if, at)
        except conditions.BadRule:
            unreadable.add(step.version_id)
            lifecycle.pause_by_itself(step.version.campaign_id, "bad_condition", at=at)
    return *subqueries.passing(asked, _BUYERS_OF, due, row="due"), unreadable


_BUYERS_OF = "SELECT buyer_id FROM sequences_enrolment WHERE id = ANY(%s)"
