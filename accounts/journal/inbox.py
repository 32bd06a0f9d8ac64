"""Events waiting for their reactions."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from .reactions import Fact

# Each shard gives its share, oldest first, so that a long queue is read by its index
# and not sorted anew for every batch.
TAKE = """
    DELETE FROM journal_eventinbox AS inbox
    USING unnest(%(shards)s::smallint[]) AS shard CROSS JOIN LATERAL (
        SELECT event_id FROM journal_eventinbox AS waiting
        WHERE waiting.shard = shard.shard ORDER BY event_id LIMIT %(share)s
    ) AS oldest
    WHERE inbox.shard = shard.shard AND inbox.event_id = oldest.event_id
    RETURNING inbox.event_id, inbox.recorded_at
"""
READ = """
    SELECT id, kind, account_id, buyer_id, occurred_at, recorded_at, cause,
        data, corrects
    FROM journal_event
    WHERE id = ANY(%(events)s) AND recorded_at BETWEEN %(first)s AND %(last)s
    ORDER BY id
"""


def take(shards: Sequence[int], limit: int) -> list[Fact]:
    """Take up to `limit` events of these locked shards out, to be reacted to now."""
    share = max(1, limit // len(shards))
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"shards": list(shards), "share": share})
        taken = cursor.fetchall()
    if not taken:
        return []
    times = [recorded_at for _, recorded_at in taken]
    return read([event_id for event_id, _ in taken], min(times), max(times))


def read(events: Sequence[int], first: datetime, last: datetime) -> list[Fact]:
    """The facts of these events, recorded between `first` and `last`, by id."""
    with connection.cursor() as cursor:
        cursor.execute(READ, {"events": list(events), "first": first, "last": last})
        return [_fact(row) for row in cursor.fetchall()]


def _fact(row: tuple[Any, ...]) -> Fact:
    *head, data, corrects = row
    return Fact(*(*head, json.loads(data), corrects))
