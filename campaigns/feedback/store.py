"""Writes reports down, each once."""

from collections.abc import Sequence

from django.db import connection

from . import machines
from .machines import Judged
from .matching import Told

_STORE = """
    INSERT INTO feedback_report
        (key, provider, kind, delivery_id, address_hash, occurred_at, detail, link,
         machine, post_id)
    SELECT key, provider, kind, delivery_id, hash, occurred_at,
           -- Of somebody who was erased a server's words would name her again.
           CASE WHEN detail <> ''
                 AND EXISTS (SELECT FROM consent_erasedname AS erased
                             WHERE erased.hash = told.hash)
                 AND NOT EXISTS (SELECT FROM customers_buyer AS buyer
                                 WHERE buyer.address_hash = told.hash)
                THEN '' ELSE detail END,
           link, machine, post_id
    FROM unnest(%s::bytea[], %s::text[], %s::text[], %s::bigint[],
        %s::bytea[], %s::timestamptz[], %s::text[], %s::bytea[], %s::int[],
        %s::bigint[]) AS told (key, provider, kind, delivery_id, hash, occurred_at,
                               detail, link, machine, post_id)
    ORDER BY 1
    ON CONFLICT (key) DO NOTHING
    RETURNING key
"""


def store(told: Sequence[Told]) -> list[Told]:
    """Those of *told* that are new. What is only a hint of behaviour, and was not
    agreed to, is not even stored."""
    rows = list({one.key: one for one in machines.judge(told)}.values())
    if not rows:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_STORE, _columns(rows))
        new = {bytes(row[0]) for row in cursor.fetchall()}
    return [one.told for one in rows if one.key in new]


def _columns(rows: Sequence[Judged]) -> list[list[object]]:
    told = [one.told for one in rows]
    return [
        [one.key for one in told],
        [one.provider for one in told],
        [str(one.news.kind) for one in told],
        [one.delivery.id if one.delivery else None for one in told],
        [one.address_hash for one in told],
        [one.news.at for one in told],
        [one.news.detail for one in told],
        [one.link for one in rows],
        [one.machine for one in rows],
        [one.post_id for one in told],
    ]
