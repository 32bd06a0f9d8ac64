"""Takes posts in: each is committed before it is answered.

Posts that arrive together share a commit: whoever is let to the desk writes down
everything that waits behind it too; the others find theirs written.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.db import InterfaceError, OperationalError, connection

#: So many posts share one statement at most.
MOST = 100
#: With one, everybody waits while the disk is written; PostgreSQL lets several share
#: that. More only make the statements smaller (measured: 1 to 4, by 8 and 16 at once).
WRITERS = 3

_STORE = """
    INSERT INTO feedback_post
        (provider, inbound, content_type, headers, body, lease_until, read_at)
    SELECT provider, inbound, content_type, headers, body, NULL, NULL
    FROM unnest(%s::text[], %s::bool[], %s::text[], %s::jsonb[], %s::bytea[])
        AS came (provider, inbound, content_type, headers, body)
"""


@dataclass(frozen=True, slots=True)
class Came:
    """A post as it came; *headers* are those that its reading needs."""

    provider: str
    body: bytes
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    inbound: bool = False


class _Ticket:
    """A post that waits. Its lock is open once it is stored, or is first in line."""

    __slots__ = ("came", "error", "stored", "waits")

    def __init__(self, came: Came) -> None:
        self.came = came
        self.stored = False
        self.error: BaseException | None = None
        self.waits = Lock()
        self.waits.acquire()


class Desk:
    """One per process: its threads wait for each other, not for the disk."""

    def __init__(self) -> None:
        self._line: list[_Ticket] = []
        self._lock = Lock()
        self._writers = 0

    def take(self, came: Came) -> None:
        """Return once *came* is committed; raises what the database raised."""
        ticket = _Ticket(came)
        with self._lock:
            writes = self._writers < WRITERS
            if writes:
                self._writers += 1
            else:
                self._line.append(ticket)
        if not writes:
            ticket.waits.acquire()
        if not ticket.stored and ticket.error is None:
            self._write_down(ticket)
        if ticket.error is not None:
            raise ticket.error

    def _write_down(self, own: _Ticket) -> None:
        """Store *own* and what waits behind it; then the next in line is to write."""
        with self._lock:
            batch = [own, *self._line[: MOST - 1]]
            del self._line[: MOST - 1]
        try:
            store([one.came for one in batch])
        except Exception as error:  # noqa: BLE001 - each of them is told
            for one in batch:
                one.error = error
        for one in batch:
            one.stored = one.error is None
        with self._lock:
            following = self._line.pop(0) if self._line else None
            self._writers -= following is None
        for one in batch[1:]:
            one.waits.release()
        if following is not None:
            following.waits.release()


def store(came: list[Came]) -> None:
    """Commit posts, in one statement."""
    values: list[list[Any]] = [
        [one.provider for one in came],
        [one.inbound for one in came],
        [one.content_type[:200] for one in came],
        [json.dumps(dict(one.headers)) for one in came],
        [one.body for one in came],
    ]
    # Asking whether a kept connection still lives is half of the statements here;
    # one that does not fails at once, and to store a post twice does no harm.
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        _insert(values)
    except (OperationalError, InterfaceError):
        connection.close()
        _insert(values)


def _insert(values: list[list[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_STORE, values)


take = Desk().take
