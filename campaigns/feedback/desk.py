"""Takes posts in: each is committed before it is answered.

Posts that arrive together share a commit: whoever finds the desk free writes down
everything that waits before it; the others find theirs written.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from django.db import connection

#: So many posts share one statement at most.
MOST = 100

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


@dataclass(slots=True, eq=False)
class _Ticket:
    came: Came
    stored: bool = False
    error: BaseException | None = None


@dataclass(slots=True)
class Desk:
    """One per process: its threads wait for each other, not for the disk."""

    _waiting: list[_Ticket] = field(default_factory=list)
    _turn: Lock = field(default_factory=Lock)

    def take(self, came: Came) -> None:
        """Return once *came* is committed; raises what the database raised."""
        ticket = _Ticket(came)
        self._waiting.append(ticket)
        with self._turn:
            if not ticket.stored and ticket.error is None:
                self._write_down(ticket)
        if ticket.error is not None:
            raise ticket.error

    def _write_down(self, own: _Ticket) -> None:
        """One statement for the posts that wait, *own* among them."""
        others = [one for one in self._waiting if one is not own][: MOST - 1]
        batch = [own, *others]
        try:
            store([one.came for one in batch])
        except Exception as error:  # noqa: BLE001 - each of them is told
            for one in batch:
                one.error = error
        else:
            for one in batch:
                one.stored = True
        for one in batch:
            self._waiting.remove(one)


def store(came: list[Came]) -> None:
    """Commit posts, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            [
                [one.provider for one in came],
                [one.inbound for one in came],
                [one.content_type[:200] for one in came],
                [json.dumps(dict(one.headers)) for one in came],
                [one.body for one in came],
            ],
        )


take = Desk().take
