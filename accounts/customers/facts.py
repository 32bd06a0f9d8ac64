"""Keeps the dated history of what accounts are: see `AccountFact`.

`sync` compares what accounts are with the facts that are open, closes those that no
longer hold and opens what is missing. Whoever changed accounts in bulk calls it, in
the same transaction; `Account.save` does so by itself.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

# The three kinds, each as (value, reason) where it is not the usual.
_HOLDS = """
    SELECT a.id AS account_id, held.kind, held.value, held.reason
    FROM customers_account a
    CROSS JOIN LATERAL (VALUES
        ('eligible', CASE WHEN NOT a.eligible THEN 'no' END, a.ineligible_reason),
        ('key', CASE WHEN a.is_key THEN 'yes' END, ''),
        ('rep', a.rep_id::text, '')
    ) AS held (kind, value, reason)
    WHERE a.id = ANY(%(ids)s) AND held.value IS NOT NULL
"""

_CLOSE = f"""
    WITH holds AS ({_HOLDS})
    UPDATE customers_accountfact f SET valid_until = %(at)s
    WHERE f.account_id = ANY(%(ids)s) AND f.valid_until IS NULL
      AND NOT EXISTS (
        SELECT 1 FROM holds h
        WHERE h.account_id = f.account_id AND h.kind = f.kind
          AND h.value = f.value AND h.reason = f.reason
      )
"""  # noqa: S608 - put together from the constant above, values bound

_OPEN = f"""
    WITH holds AS ({_HOLDS})
    INSERT INTO customers_accountfact
        (account_id, kind, value, reason, valid_from, source)
    SELECT h.account_id, h.kind, h.value, h.reason, %(at)s, %(source)s
    FROM holds h
    WHERE NOT EXISTS (
        SELECT 1 FROM customers_accountfact f
        WHERE f.account_id = h.account_id AND f.kind = h.kind
          AND f.valid_until IS NULL
    )
    ORDER BY h.account_id, h.kind
"""  # noqa: S608 - likewise


def sync(ids: Sequence[int], at: datetime | None = None, source: str = "") -> None:
    """Let the history say, from *at* on (default: now), what the accounts are."""
    if not ids:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        if at is None:
            cursor.execute("SELECT clock_timestamp()")
            (at,) = cursor.fetchone()
        values = {"ids": list(ids), "at": at, "source": source}
        cursor.execute(_CLOSE, values)
        cursor.execute(_OPEN, values)
