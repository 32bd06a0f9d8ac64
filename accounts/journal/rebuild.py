"""Computes the progress tables anew from the journal, while everything runs."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection, transaction

from . import locks, projection, sums
from .projection import Projection

# Read once, though four tables are made of it; for it alone the sorts get room.
GATHER = f"""
    SET LOCAL work_mem = '64MB';
    CREATE TEMP TABLE journal_facts ON COMMIT DROP AS {sums.OF_ALL};
    ANALYZE journal_facts;
"""
FACTS = "SELECT * FROM journal_facts"

# Rows that are right stay untouched: readers lose nothing, and the counts say how
# far the tables had drifted. Under the locks of all shards no batch is half done, so
# that what is not in the inbox is in the sums.
REPLACE = """
    WITH fresh AS MATERIALIZED ({query}),
    removed AS (
        DELETE FROM {table} AS kept
        WHERE NOT EXISTS (SELECT FROM fresh WHERE {same_key}) RETURNING 1
    ),
    written AS (
        INSERT INTO {table} AS kept ({names}) SELECT {names} FROM fresh
        ON CONFLICT ({key}) DO UPDATE SET {assigned}
        WHERE ({kept}) IS DISTINCT FROM ({new}) RETURNING 1
    )
    SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM written),
        (SELECT count(*) FROM removed)
"""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Of one table: its rows now, and how many of them had been wrong or too many."""

    rows: int
    written: int
    removed: int


def rebuild() -> Mapping[str, Rebuilt]:
    """Replace what differs, table by table; reactions wait until it is done."""
    with transaction.atomic():
        locks.wait_for(range(locks.SHARDS))
        _execute(GATHER)
        done = {table.table: _replace(table) for table in projection.ALL}
        _execute("DROP TABLE journal_facts")
    return done


def _replace(table: Projection) -> Rebuilt:
    statement = REPLACE.format(
        query=table.of(FACTS),
        table=table.table,
        names=table.names,
        key=", ".join(table.key),
        same_key=" AND ".join(f"fresh.{name} = kept.{name}" for name in table.key),
        assigned=", ".join(f"{name} = EXCLUDED.{name}" for name in table.columns),
        kept=", ".join(f"kept.{name}" for name in table.columns),
        new=", ".join(f"EXCLUDED.{name}" for name in table.columns),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, sums.parameters())
        return Rebuilt(*cursor.fetchone())


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {})
