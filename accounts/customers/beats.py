"""A worker's sign of life on its import: progress out, cancel in, the lease renewed.

On a connection of its own, because the work itself may lie in one long transaction
which nobody else can look into.
"""

from types import TracebackType
from typing import Self
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

LEASE = "60 seconds"

_BEAT = f"""
    UPDATE customers_customerimport
    SET rows_done = %(done)s, lease_until = clock_timestamp() + interval '{LEASE}'
    WHERE id = %(id)s AND owner = %(owner)s
      AND state IN ('checking', 'applying', 'undoing')
    RETURNING cancel_requested
"""  # noqa: S608 - a constant


class Stopped(Exception):
    """Somebody cancelled the import."""


class LostLease(Exception):
    """The worker slept too long: another one has the import now."""


class Beat:
    """``beat(done)`` for `jobs.Job`."""

    def __init__(self, batch_id: int, owner: UUID) -> None:
        self.batch_id = batch_id
        self.owner = owner
        self._wrapper: BaseDatabaseWrapper | None = None

    def __enter__(self) -> Self:
        self._wrapper = connections.create_connection(DEFAULT_DB_ALIAS)
        with self._wrapper.cursor() as cursor:
            # A beat lost with the machine is no loss, and must not wait for a disk.
            cursor.execute("SET synchronous_commit TO off")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._wrapper is not None:
            self._wrapper.close()

    def __call__(self, done: int) -> None:
        if self._wrapper is None:
            raise RuntimeError("A beat needs its connection: use it in a with.")
        with self._wrapper.cursor() as cursor:
            cursor.execute(
                _BEAT, {"id": self.batch_id, "owner": self.owner, "done": done}
            )
            found = cursor.fetchone()
        if found is None:
            raise LostLease
        if found[0]:
            raise Stopped
