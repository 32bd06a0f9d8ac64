"""Several lines of one account, or of one buyer, become one: the first speaks.

What the first line leaves open, later lines fill in; where one contradicts, the
earlier counts and the contradiction is told (`contradictions`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection

FIELDS = (
    "name",
    "segment",
    "is_key",
    "city",
    "country",
    "language",
    "time_zone",
    "country_zone",
    "rep_code",
    "rep_id",
    "annual_value",
    "customer_since",
    "eligible",
    "ineligible_reason",
    "ineligible_from",
    "ineligible_until",
)
#: What follows from another field is not told twice.
_DERIVED = frozenset({"country_zone", "rep_id"})

_FOLD_ACCOUNTS = """
    UPDATE customers_stagedaccount s SET action = 'folded'
    FROM (
        SELECT id, row_number() OVER (PARTITION BY number_key ORDER BY id) AS place
        FROM customers_stagedaccount WHERE stage = %(stage)s
    ) AS numbered
    WHERE numbered.id = s.id AND place > 1
"""

_FIRST_SAID = ", ".join(
    f"(array_agg({name} ORDER BY id) FILTER (WHERE {name} IS NOT NULL))[1] AS {name}"
    for name in FIELDS
)

_FILL_ACCOUNTS = f"""
    UPDATE customers_stagedaccount s SET
        {", ".join(f"{name} = said.{name}" for name in FIELDS)}
    FROM (
        SELECT number_key, {_FIRST_SAID}
        FROM customers_stagedaccount
        WHERE stage = %(stage)s AND number_key IN (
            SELECT number_key FROM customers_stagedaccount
            WHERE stage = %(stage)s AND action = 'folded'
        )
        GROUP BY number_key
    ) AS said
    WHERE s.stage = %(stage)s AND s.action IS NULL AND s.number_key = said.number_key
"""  # noqa: S608 - put together from constants, values bound

_FOLD_BUYERS = """
    UPDATE customers_stagedbuyer s SET action = 'folded'
    FROM (
        SELECT id, row_number()
            OVER (PARTITION BY number_key, {key} ORDER BY id) AS place
        FROM customers_stagedbuyer
        WHERE stage = %(stage)s AND action IS NULL AND {key} IS NOT NULL
    ) AS numbered
    WHERE numbered.id = s.id AND place > 1
"""

_CONTRADICTIONS = f"""
    SELECT said.line, field.name, field.said, field.counts, said.number
    FROM customers_stagedaccount said
    JOIN customers_stagedaccount counts
        ON counts.stage = said.stage AND counts.number_key = said.number_key
        AND counts.action IS DISTINCT FROM 'folded'
    CROSS JOIN LATERAL (VALUES {
    ", ".join(
        f"('{name}', said.{name}::text, counts.{name}::text)"
        for name in FIELDS
        if name not in _DERIVED
    )
}) AS field (name, said, counts)
    WHERE said.stage = %(stage)s AND said.action = 'folded'
      AND lower(field.said) <> lower(field.counts)
    ORDER BY said.id
"""  # noqa: S608 - likewise

_REPEATED_BUYERS = """
    SELECT line, coalesce(email, external_id), number_key
    FROM customers_stagedbuyer
    WHERE stage = %(stage)s AND action = 'folded' ORDER BY id
"""

_REFUSED_ACCOUNTS = """
    SELECT line, number, number FROM customers_stagedaccount
    WHERE stage = %(stage)s AND action = 'refused' ORDER BY id
"""

_REFUSED_BUYERS = """
    SELECT s.line, coalesce(s.email, s.external_id), s.number_key
    FROM customers_stagedbuyer s
    WHERE stage = %(stage)s AND action = 'refused' AND buyer_id IS NOT NULL
    ORDER BY id
"""


def fold(stage: int) -> None:
    with connection.cursor() as cursor:
        values = {"stage": stage}
        cursor.execute(_FOLD_ACCOUNTS, values)
        if cursor.rowcount:
            cursor.execute(_FILL_ACCOUNTS, values)
        cursor.execute(_FOLD_BUYERS.format(key="external_id"), values)
        cursor.execute(_FOLD_BUYERS.format(key="email_key"), values)


def contradictions(stage: int) -> Iterator[Mapping[str, Any]]:
    """Where a later line says something else than the one that counts."""
    yield from _rows(
        _CONTRADICTIONS, stage, ("line", "field", "value", "counts", "label")
    )


def repeated_buyers(stage: int) -> Iterator[Mapping[str, Any]]:
    yield from _rows(_REPEATED_BUYERS, stage, ("line", "value", "label"))


def _rows(sql: str, stage: int, names: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"stage": stage})
        while some := cursor.fetchmany(1000):
            for row in some:
                yield dict(zip(names, row, strict=True))


def refused_accounts(stage: int) -> Iterator[Mapping[str, Any]]:
    """Lines of accounts that are not there and have no name."""
    yield from _rows(_REFUSED_ACCOUNTS, stage, ("line", "value", "label"))


def refused_buyers(stage: int) -> Iterator[Mapping[str, Any]]:
    """Buyers whose id belongs to one person and whose address to another."""
    yield from _rows(_REFUSED_BUYERS, stage, ("line", "value", "label"))
