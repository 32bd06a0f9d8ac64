"""Adds a batch of events to what its buyers and accounts have come to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from . import sums
from .kinds import DOCUMENTS, IN_COLUMNS, RETRACTED
from .reactions import Fact
from .sums import ACCOUNT, BUYER, RECENT, WINDOW, Whose

#: Its name among the reactions, and in the rows of events set aside.
NAME = "progress"

# Reads the rows there are, merges, and writes the result: right only because one
# reactor at a time holds the shard of an account (`locks`).
#
# Whoever ordered online in this batch may have become regular earlier than known. A
# window that shows it ends in one of the new orders or later, so it is looked for
# among the newest orders kept, unless it could begin before those: then `RECOUNT`
# asks the journal. That takes an order that came late, and more than twelve others.
MERGE = """
    WITH batch AS MATERIALIZED ({sums}),
    merged AS (
        SELECT batch.{key}, {also}
            least(old.invited_at, batch.invited_at) AS invited_at,
            least(old.registered_at, batch.registered_at) AS registered_at,
            least(old.logged_in_first, batch.logged_in_first) AS logged_in_first,
            greatest(old.logged_in_last, batch.logged_in_last) AS logged_in_last,
            coalesce(old.logged_in_count, 0) + batch.logged_in_count
                AS logged_in_count,
            least(old.online_first, batch.online_first) AS online_first,
            greatest(old.online_last, batch.online_last) AS online_last,
            coalesce(old.online_count, 0) + batch.online_count AS online_count,
            newest.times AS online_recent,
            least(old.offline_first, batch.offline_first) AS offline_first,
            greatest(old.offline_last, batch.offline_last) AS offline_last,
            coalesce(old.offline_count, 0) + batch.offline_count AS offline_count,
            newest.times[%(regular_orders)s] + {window} AS regular_until,
            old.regular_since AS known_since,
            batch.online_first AS earliest_new,
            batch.online_count > 0
                AND cardinality(newest.times) >= %(regular_orders)s
                AND coalesce(batch.online_first < old.regular_since, true) AS perhaps
        FROM batch
        LEFT JOIN {table} AS old USING ({key})
        CROSS JOIN LATERAL (
            SELECT CASE
                WHEN batch.online_count = 0
                    THEN coalesce(old.online_recent, batch.online_recent)
                WHEN coalesce(old.online_count, 0) = 0 THEN batch.online_recent
                ELSE ARRAY(
                    SELECT unnest(old.online_recent || batch.online_recent) AS time
                    ORDER BY time DESC LIMIT {recent})
            END AS times
            OFFSET 0 -- or it is worked out again wherever it is mentioned
        ) AS newest
    ),
    judged AS MATERIALIZED (
        SELECT *,
            CASE WHEN perhaps THEN least(known_since, (
                SELECT min(online_recent[i])
                FROM generate_series(
                    1, cardinality(online_recent) - %(regular_orders)s + 1) AS i
                WHERE online_recent[i + %(regular_orders)s - 1]
                    >= online_recent[i] - {window}
            )) ELSE known_since END AS regular_since,
            perhaps AND online_count > {recent}
                AND earliest_new < online_recent[{recent} + 1 - %(regular_orders)s]
                AS doubtful
        FROM merged
    ),
    written AS (
        INSERT INTO {table} ({keys}, {columns})
        SELECT {keys}, {columns} FROM judged ORDER BY {key}
        ON CONFLICT ({key}) DO UPDATE SET {assigned}
    )
    SELECT {key} FROM judged WHERE doubtful
"""
RECOUNT = """
    UPDATE {table} AS progress SET regular_since = counted.regular_since
    FROM ({orders}) AS counted WHERE progress.{key} = counted.{key}
"""
KINDS = """
    INSERT INTO journal_kindprogress AS old
        (account_id, buyer_id, kind, first_at, last_at, count)
    SELECT account_id, buyer_id, kind, first_at, last_at, count
    FROM ({sums}) AS batch ORDER BY account_id, buyer_id, kind COLLATE "C"
    ON CONFLICT (account_id, buyer_id, kind) DO UPDATE SET
        first_at = least(old.first_at, EXCLUDED.first_at),
        last_at = greatest(old.last_at, EXCLUDED.last_at),
        count = old.count + EXCLUDED.count
"""
# Nothing merges back what was taken out of a first or last time: counted anew.
AGAIN = """
    WITH asked AS MATERIALIZED (
        SELECT DISTINCT account_id, data->>'kind' AS kind FROM journal_event
        WHERE id = ANY(%(events)s) AND recorded_at BETWEEN %(first)s AND %(last)s
          AND kind = 'retracted'
    ), fresh AS MATERIALIZED ({sums}),
    removed AS (
        DELETE FROM journal_kindprogress AS old USING asked
        WHERE old.account_id = asked.account_id AND old.kind = asked.kind
          AND (old.account_id, old.buyer_id, old.kind) NOT IN (
              SELECT account_id, buyer_id, kind FROM fresh)
    )
    INSERT INTO journal_kindprogress AS old
        (account_id, buyer_id, kind, first_at, last_at, count)
    SELECT account_id, buyer_id, kind, first_at, last_at, count FROM fresh
    ON CONFLICT (account_id, buyer_id, kind) DO UPDATE SET
        first_at = EXCLUDED.first_at, last_at = EXCLUDED.last_at,
        count = EXCLUDED.count
"""
_ASKED = " AND (account_id, kind) IN (SELECT account_id, kind FROM asked)"
MONTHS = """
    INSERT INTO journal_channelmonth AS old (account_id, month, channel, currency,
        orders, amount, credits, credited)
    SELECT account_id, month, channel, currency, orders, amount, credits, credited
    FROM ({sums}) AS batch
    ORDER BY account_id, month, channel COLLATE "C", currency COLLATE "C"
    ON CONFLICT (account_id, month, channel, currency) DO UPDATE SET
        orders = old.orders + EXCLUDED.orders,
        amount = old.amount + EXCLUDED.amount,
        credits = old.credits + EXCLUDED.credits,
        credited = old.credited + EXCLUDED.credited
"""


def add(facts: Sequence[Fact], at: datetime) -> None:
    """The first of all reactions; the caller holds the shards of these facts."""
    kinds = {fact.kind for fact in facts}
    batch = {
        **sums.parameters(),
        "events": [fact.event_id for fact in facts],
        "first": min(fact.recorded_at for fact in facts),
        "last": max(fact.recorded_at for fact in facts),
    }
    if kinds & set(IN_COLUMNS):
        _merge(ACCOUNT, batch)
        if any(fact.buyer_id for fact in facts):
            _merge(BUYER, batch)
    if kinds - set(IN_COLUMNS):
        _run(KINDS.format(sums=sums.of_kinds(sums.OF_BATCH)), batch)
    if RETRACTED in kinds:
        _run(AGAIN.format(sums=sums.of_kinds(sums.OF_ALL + _ASKED)), batch)
    if kinds & set(DOCUMENTS):
        _run(MONTHS.format(sums=sums.of_months(sums.OF_BATCH)), batch)


def _merge(whose: Whose, batch: dict[str, Any]) -> None:
    doubtful = _fetch(merge_statement(whose), batch)
    if doubtful:
        facts = f"{sums.OF_ALL} AND {whose.key} = ANY(%(doubtful)s)"
        orders = sums.of_orders(whose, facts)
        statement = RECOUNT.format(table=whose.table, key=whose.key, orders=orders)
        _run(statement, {**batch, "doubtful": doubtful})


def merge_statement(whose: Whose) -> str:
    columns = [*(["account_id"] if whose.also else []), *sums.COLUMNS]
    return MERGE.format(
        sums=sums.of_core(whose, sums.OF_BATCH),
        table=whose.table,
        key=whose.key,
        keys=whose.keys,
        also="batch.account_id," if whose.also else "",
        columns=", ".join(sums.COLUMNS),
        assigned=", ".join(f"{name} = EXCLUDED.{name}" for name in columns),
        window=WINDOW,
        recent=RECENT,
    )


def _run(statement: str, parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _fetch(statement: str, parameters: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [found for (found,) in cursor.fetchall()]
