"""Puts claimed deliveries back into the queue, for now or for their turn."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection

#: Stands in the row of a delivery that waits because its domain's limit is reached.
REASON = "limited"

_PUT = """
    UPDATE sequences_delivery AS delivery
    SET state = 'planned', claimed_by = '', lease_until = NULL,
        due_at = coalesce(back.due_at, delivery.due_at),
        reason = CASE WHEN back.due_at IS NULL THEN delivery.reason ELSE %(reason)s END
    FROM unnest(%(ids)s::bigint[], %(dues)s::timestamptz[]) AS back (id, due_at)
    WHERE delivery.id = back.id AND delivery.state = 'claimed'
      AND delivery.claimed_by = %(worker)s
"""


def put_back(ids: Sequence[int], *, worker: str) -> None:
    """They are due as before."""
    _put(dict.fromkeys(ids), worker)


def put_off(turns: Mapping[int, datetime], *, worker: str) -> None:
    """Each comes due at its turn; what they were planned for stays in view."""
    _put(turns, worker)


def _put(dues: Mapping[int, datetime | None], worker: str) -> None:
    if not dues:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _PUT,
            {
                "ids": list(dues),
                "dues": list(dues.values()),
                "reason": REASON,
                "worker": worker,
            },
        )
