"""How far the people of a campaign came: their funnel times, and who has arrived.

A reaction to the journal. Times count from the campaign's first message to a buyer
on, and are the earliest told, in whatever order the events arrive.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.journal.kinds import ORDERED, REGISTERED
from accounts.journal.reactions import Fact
from campaigns.sequences import goals, touchpoints
from campaigns.sequences.goals import Goal, Unit
from campaigns.sequences.models import Enrolment

NAME = "campaign funnel"

_ONLINE = "first_online_order"


def kinds() -> frozenset[str]:
    """The kinds of events that this follows."""
    of_goals = {goal.kind for goal in goals.known()}
    return frozenset({REGISTERED, ORDERED, *_columns(), *of_goals})


def follow(facts: Sequence[Fact], at: datetime) -> None:
    """Note funnel times, and let those out whose campaign has reached its goal.

    Two statements, whatever the number of facts.
    """
    with connection.cursor() as cursor:
        cursor.execute(_note(), _span(facts))
        cursor.execute(_leave(), _span(facts))


def _span(facts: Sequence[Fact]) -> dict[str, Any]:
    return {
        "events": [fact.event_id for fact in facts],
        "first": min(fact.recorded_at for fact in facts),
        "last": max(fact.recorded_at for fact in facts),
    }


# Read from the journal by their ids: carrying them here cost more than all the rest.
# Most events are of accounts in no campaign, and are left at once.
_EVENT = """
    event AS MATERIALIZED (
        SELECT kind, account_id, buyer_id, occurred_at, data
        FROM journal_event AS event
        WHERE id = ANY(%(events)s) AND recorded_at BETWEEN %(first)s AND %(last)s
          AND EXISTS (SELECT FROM sequences_enrolment AS enrolment
                      WHERE enrolment.account_id = event.account_id))
"""

# A message may be on the wire while its reader already acts: then no first time of
# sending is known yet, but that there is one.
_BEGUN = """(
    enrolment.sent_at <= event.occurred_at
    OR enrolment.sent_at IS NULL AND EXISTS (
        SELECT FROM sequences_delivery AS delivery
        WHERE delivery.enrolment_id = enrolment.id AND delivery.state = 'sending'))"""


def _columns() -> dict[str, str]:
    """Kind → column, of the stages that touchpoints add."""
    ours = {field.name for field in Enrolment._meta.get_fields()}
    return {
        stage.slug: stage.column
        for stage in touchpoints.stages()
        if stage.column in ours
    }


def _tests() -> Mapping[str, str]:
    """Column → SQL of which events fill it."""
    order = goals.find(_ONLINE)
    online = order.event if order else "true"
    tests = {column: f"event.kind = '{kind}'" for kind, column in _columns().items()}
    return {
        **tests,
        "registered_at": f"event.kind = '{REGISTERED}'",
        "first_order_at": f"event.kind = '{ORDERED}' AND {online}",
    }


def _note() -> str:
    tests = _tests()
    firsts = ", ".join(
        f"min(event.occurred_at) FILTER (WHERE {test}) AS {column}"
        for column, test in tests.items()
    )
    merges = ", ".join(
        f"{column} = least(enrolment.{column}, told.{column})" for column in tests
    )
    return f"""
        WITH {_EVENT}, ready AS MATERIALIZED (
            SELECT id FROM sequences_enrolment
            WHERE buyer_id IN (SELECT buyer_id FROM event)
            ORDER BY id FOR NO KEY UPDATE
        ), told AS (
            SELECT enrolment.id, {firsts}
            FROM ready JOIN sequences_enrolment AS enrolment USING (id)
            JOIN event ON event.buyer_id = enrolment.buyer_id AND {_BEGUN}
            GROUP BY enrolment.id
        )
        UPDATE sequences_enrolment AS enrolment
        SET {merges}, regular_at = least(enrolment.regular_at, (
            SELECT regular_since FROM journal_buyerprogress AS progress
            WHERE progress.buyer_id = enrolment.buyer_id
              AND progress.regular_since >= enrolment.sent_at))
        FROM told WHERE enrolment.id = told.id
    """  # noqa: S608 - names of ours


def _leave() -> str:
    arrived = " UNION ALL ".join(_arrived(goal) for goal in goals.known())
    return f"""
        WITH {_EVENT}, arrived AS MATERIALIZED ({arrived}), ready AS MATERIALIZED (
            SELECT id FROM sequences_enrolment
            WHERE state = 'active' AND id IN (
                SELECT enrolment.id
                FROM arrived
                JOIN sequences_enrolment AS enrolment
                  ON enrolment.buyer_id = arrived.buyer_id
                JOIN sequences_campaign AS campaign
                  ON campaign.id = enrolment.campaign_id
                 AND campaign.goal = arrived.goal
                UNION
                SELECT enrolment.id
                FROM arrived
                JOIN sequences_enrolment AS enrolment
                  ON enrolment.account_id = arrived.account_id
                JOIN sequences_campaign AS campaign
                  ON campaign.id = enrolment.campaign_id
                 AND campaign.goal = arrived.goal)
            ORDER BY id FOR NO KEY UPDATE
        )
        UPDATE sequences_enrolment AS enrolment
        SET state = 'exited', exit_reason = 'goal_reached', due_at = NULL
        FROM ready WHERE enrolment.id = ready.id AND enrolment.state = 'active'
    """  # noqa: S608 - names of ours


def _arrived(goal: Goal) -> str:
    """SQL of (goal, buyer, account) that these events brought to *goal*."""
    whose = {
        Unit.BUYER: "buyer_id, NULL::bigint AS account_id",
        Unit.ACCOUNT: "NULL::bigint AS buyer_id, account_id",
    }
    return (
        f"SELECT '{goal.slug}' AS goal, {whose[goal.unit]} FROM event"  # noqa: S608
        f" WHERE event.kind = '{goal.kind}' AND {goal.event}"
    )
