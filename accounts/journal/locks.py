"""One reactor per account: accounts are dealt into shards, and a shard is locked.

The lock is taken in one statement and the work done in the next, whose snapshot is
younger: read and lock in one, and the reactor before is not seen, so that a buyer
is counted twice. Locks end with their transaction, as a pooler demands.
"""

from collections.abc import Iterable

from django.db import connection
from django.db.backends.utils import CursorWrapper

SHARDS = 64
#: How many shards one batch may take: a quarter, so that four reactors can work.
AT_ONCE = 16

# The first half of PostgreSQL's two-part advisory keys; any number nobody else uses.
SPACE = 20_261
PARTITIONS = SHARDS

TAKE = """
    SELECT shard FROM (
        SELECT shard FROM generate_series(0, %(shards)s - 1) AS shard
        WHERE EXISTS (SELECT FROM journal_eventinbox AS waiting
                      WHERE waiting.shard = shard.shard)
        ORDER BY random()
    ) AS busy
    WHERE pg_try_advisory_xact_lock(%(space)s, shard) LIMIT %(at_once)s
"""


def take_busy() -> list[int]:
    """Lock some shards which have work and no reactor; their numbers."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"shards": SHARDS, "space": SPACE, "at_once": AT_ONCE})
        return [shard for (shard,) in cursor.fetchall()]


def wait_for(shards: Iterable[int]) -> None:
    """Lock these shards, in their order, waiting for whoever works on them."""
    with connection.cursor() as cursor:
        for shard in sorted(set(shards)):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SPACE, shard])


def wait_for_partitions(cursor: CursorWrapper) -> None:
    cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SPACE, PARTITIONS])


def shard_of(account_id: int) -> int:
    return account_id % SHARDS
