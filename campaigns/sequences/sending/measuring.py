"""Of which messages openings and clicks are counted: only of those who agreed to it.

It is asked before anything is composed, and noted before anything is sent, so that
figures can say of how many they speak.
"""

from collections.abc import Mapping, Sequence

from django.db import connection

from campaigns.messages import measured
from campaigns.messages.measured import Measured
from campaigns.sequences.sending.claim import Claimed

# One that is composed once more, after its buyer thought better of it, counts no more.
_AGREED = """
    WITH agreed AS MATERIALIZED (
        SELECT asked.id
        FROM unnest(%(ids)s::bigint[], %(buyers)s::bigint[]) AS asked (id, buyer_id)
        JOIN consent_permission AS permission
          ON permission.buyer_id = asked.buyer_id AND permission.topic = 'tracking'
         AND permission.allowed
    ), forgotten AS (
        DELETE FROM sequences_measureddelivery
        WHERE delivery_id = ANY(%(ids)s)
          AND delivery_id NOT IN (SELECT id FROM agreed)
    ), noted AS (
        INSERT INTO sequences_measureddelivery (delivery_id)
        SELECT id FROM agreed ORDER BY id
        ON CONFLICT DO NOTHING
    )
    SELECT id FROM agreed
"""


def measure(batch: Sequence[Claimed]) -> Mapping[int, Measured]:
    """Delivery id → the measuring mail, of those that get it.

    Asks the database nothing where no campaign of the batch measures.
    """
    asked = [one for one in batch if one.measures]
    if not asked:
        return {}
    agreed = _agreed(asked)
    return {
        one.id: measured.compiled(one.version_id, one.language)
        for one in asked
        if one.id in agreed
    }


def _agreed(asked: Sequence[Claimed]) -> set[int]:
    ids, buyers = [one.id for one in asked], [one.buyer_id for one in asked]
    with connection.cursor() as cursor:
        cursor.execute(_AGREED, {"ids": ids, "buyers": buyers})
        return {row[0] for row in cursor.fetchall()}
