"""What a campaign may be for, and the test of whether it was reached.

A goal is the buyer's own or the account's: when one buyer has reached the account's
goal, her colleagues are no longer written to, from the commit of that event on.
The test therefore reads the progress row, and the journal itself for what no
reaction has seen yet.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.journal.kinds import ORDERED, REGISTERED


class Unit(StrEnum):
    BUYER = "buyer"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Goal:
    """``column`` is the one of the progress tables that says since when it is reached;
    a kind without a column of its own leaves it empty. ``event`` is what must hold of
    ``event``, a row of the journal of that kind. Both are SQL of ours, never input.
    """

    slug: str
    label: str | Promise
    unit: Unit
    kind: str
    column: str = ""
    event: str = "true"


_registered: dict[str, Goal] = {}


def register(goal: Goal) -> None:
    if _registered.setdefault(goal.slug, goal) != goal:
        raise ValueError(f"The goal “{goal.slug}” is registered twice, differently.")


def known() -> list[Goal]:
    return list(_registered.values())


def find(slug: str) -> Goal | None:
    return _registered.get(slug)


def label(slug: str) -> str:
    goal = find(slug)
    return str(goal.label) if goal else slug


def choices() -> list[tuple[str, str | Promise]]:
    return [(goal.slug, goal.label) for goal in known()]


register(
    Goal(
        "registered",
        _("The buyer registers in the web store"),
        Unit.BUYER,
        REGISTERED,
        column="registered_at",
    )
)
register(
    Goal(
        "first_online_order",
        _("The company places its first online order"),
        Unit.ACCOUNT,
        ORDERED,
        column="online_first",
        event="event.data->>'channel' = 'online'"
        " AND coalesce(event.data->>'placed_by', 'customer') = 'customer'",
    )
)

register(
    Goal(
        "none",
        _("None: everybody gets every step"),
        Unit.BUYER,
        kind="",
        event="false",
    )
)

# Every shard's oldest event waits first in the primary key. The hour is for events
# whose transaction began before and has not been committed yet.
_SINCE = """
    SELECT coalesce(min(oldest.recorded_at), clock_timestamp()) - interval '1 hour'
    FROM generate_series(0, 63) AS shard
    LEFT JOIN LATERAL (
        SELECT recorded_at FROM journal_eventinbox AS waiting
        WHERE waiting.shard = shard.shard ORDER BY event_id LIMIT 1
    ) AS oldest ON true
"""


def unseen_since() -> datetime:
    """Whatever was recorded before this is in the progress tables already.

    It is put into `reached` as a literal, so that only the journal's newest months
    are opened.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SINCE)
        (since,) = cursor.fetchone()
    found: datetime = since
    return found


# What has a column of its own is never taken back (`journal.retract`).
_STANDS = """AND NOT EXISTS (
                SELECT FROM journal_eventkey AS mistake
                WHERE mistake.source = 'retraction' AND mistake.key = event.id::text)"""


def reached(row: str) -> str:
    """SQL: has the buyer or account of ``row`` reached ``row.goal``?

    Takes the parameter ``unseen_since``.
    """
    tests = [f"({row}.goal = '{goal.slug}' AND {_test(goal, row)})" for goal in known()]
    return f"({' OR '.join(tests)})"


def _test(goal: Goal, row: str) -> str:
    key = f"{goal.unit}_id"
    return f"""(
        EXISTS ({_in_progress(goal, key, row)})
        OR EXISTS (
            SELECT FROM journal_event AS event
            WHERE event.{key} = {row}.{key} AND event.kind = '{goal.kind}'
              AND event.recorded_at >= %(unseen_since)s AND {goal.event}
              {_STANDS if not goal.column else ""}))"""


def _in_progress(goal: Goal, key: str, row: str) -> str:
    if goal.column:
        return f"""
            SELECT FROM journal_{goal.unit}progress AS progress
            WHERE progress.{key} = {row}.{key} AND progress.{goal.column} IS NOT NULL"""
    buyer = f"{row}.buyer_id" if goal.unit == Unit.BUYER else "0"
    return f"""
            SELECT FROM journal_kindprogress AS progress
            WHERE progress.account_id = {row}.account_id
              AND progress.buyer_id = {buyer} AND progress.kind = '{goal.kind}'"""
