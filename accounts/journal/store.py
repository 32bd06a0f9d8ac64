"""The statements behind `record`: keys first, then the events that won theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from . import locks
from .staging import Shape, Staged

ROWS = Shape(
    "journal_batch",
    (
        ("n", "int"),
        ("kind", "varchar"),
        ("account_id", "bigint"),
        ("buyer_id", "bigint"),
        ("occurred_at", "timestamptz"),
        ("source", "varchar"),
        ("key", "varchar"),
        ("cause", "varchar"),
        ("corrects", "bigint"),
        ("data", "jsonb"),
        ("digest", "bytea"),
        ("document", "varchar"),
        ("document_digest", "bytea"),
    ),
)

# Sorted, so that two batches of the same events wait for one another in one order
# and never in a circle. Own keys before documents, for the same reason; an event
# without its own key claims no document.
WRITE = """
    WITH batch AS MATERIALIZED (
        SELECT nextval('journal_event_id_seq') AS id, * FROM {rows}
    ), own AS (
        INSERT INTO journal_eventkey (source, key, event_id, digest)
        SELECT source, key, id, digest FROM batch
        ORDER BY source COLLATE "C", key COLLATE "C", n
        ON CONFLICT DO NOTHING RETURNING event_id
    ), document AS (
        INSERT INTO journal_eventkey (source, key, event_id, digest)
        SELECT 'document', document, id, document_digest
        FROM batch JOIN own ON own.event_id = batch.id
        WHERE document IS NOT NULL
        ORDER BY document COLLATE "C", n
        ON CONFLICT DO NOTHING RETURNING event_id
    ), fresh AS MATERIALIZED (
        SELECT batch.*, statement_timestamp() AS recorded_at
        FROM batch JOIN own ON own.event_id = batch.id
        WHERE document IS NULL OR id IN (SELECT event_id FROM document)
    ), event AS (
        INSERT INTO journal_event (id, recorded_at, occurred_at, account_id, buyer_id,
            corrects, kind, source, key, cause, data)
        SELECT id, recorded_at, occurred_at, account_id, buyer_id,
            corrects, kind, source, key, cause, data
        FROM fresh ORDER BY id
    ), waiting AS (
        INSERT INTO journal_eventinbox (shard, event_id, recorded_at)
        SELECT account_id %% {shards}, id, recorded_at FROM fresh ORDER BY id
    )
    SELECT batch.n, batch.id, own.event_id IS NOT NULL, fresh.id IS NOT NULL
    FROM batch
    LEFT JOIN own ON own.event_id = batch.id
    LEFT JOIN fresh ON fresh.id = batch.id
    ORDER BY batch.n
"""

# A statement of its own: what another batch committed while this one waited for it
# is not in the snapshot of the first. LIMIT makes it ask for one key at a time:
# before the first statistics of a filling table, joins compared all with all.
LOOK = """
    SELECT batch.n, own.event_id, own.digest = batch.digest,
        document.event_id, document.digest = batch.document_digest
    FROM (SELECT * FROM {rows}) AS batch
    CROSS JOIN LATERAL (
        SELECT event_id, digest FROM journal_eventkey
        WHERE source = batch.source AND key = batch.key LIMIT 1
    ) AS own
    LEFT JOIN LATERAL (
        SELECT event_id, digest FROM journal_eventkey
        WHERE source = 'document' AND key = batch.document LIMIT 1
    ) AS document ON true
    WHERE batch.n = ANY(%(lost)s) ORDER BY batch.n
"""
POINT = """
    UPDATE journal_eventkey AS own SET event_id = stands.event_id
    FROM unnest(%(sources)s::varchar[], %(keys)s::varchar[], %(events)s::bigint[])
        AS stands (source, key, event_id)
    WHERE own.source = stands.source AND own.key = stands.key
"""
FREE = """
    DELETE FROM journal_eventkey AS own
    USING unnest(%(sources)s::varchar[], %(keys)s::varchar[]) AS freed (source, key)
    WHERE own.source = freed.source AND own.key = freed.key
"""


@dataclass(frozen=True, slots=True)
class Written:
    """One row of the batch: its id, and whether it won its key and its document."""

    n: int
    id: int
    claimed: bool
    stored: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the keys that a row did not win, and whether they say the same."""

    n: int
    own_event: int
    same: bool
    document_event: int | None
    same_document: bool | None


Keys = Sequence[tuple[str, str]]


def write(rows: Staged) -> list[Written]:
    statement = WRITE.format(rows=rows.sql, shards=locks.SHARDS)
    return [Written(*row) for row in _fetch(statement, rows.parameters)]


def look(rows: Staged, lost: Sequence[int]) -> list[Holder]:
    statement = LOOK.format(rows=rows.sql)
    parameters = {**rows.parameters, "lost": list(lost)}
    return [Holder(*row) for row in _fetch(statement, parameters)]


def point(keys: Keys, events: Sequence[int]) -> None:
    """Let keys of documents that were known already name the event that stands."""
    _execute(POINT, {**_columns(keys), "events": list(events)})


def free(keys: Keys) -> None:
    """Give keys back: what they named contradicts a document and was not recorded."""
    _execute(FREE, _columns(keys))


def _columns(keys: Keys) -> dict[str, Any]:
    return {
        "sources": [source for source, _ in keys],
        "keys": [key for _, key in keys],
    }


def _execute(statement: str, parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _fetch(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
