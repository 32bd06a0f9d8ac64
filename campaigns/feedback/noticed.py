"""What our own pixel and links notice: stored like a provider's post, read like one.

Nothing here decides anything: it is a report of what somebody's program did, and a
redirect never waits for it, nor fails with it.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.db import Error, connection

from .models import Post
from .news import Kind, News

log = structlog.get_logger(__name__)

#: Stands where a provider's name does: our own door.
OWN = "own"

# So long at most somebody waits for her page because of us. One packet; what is lost
# in a crash of the database is a hint less.
_STORE = """
    SET LOCAL statement_timeout = '250ms';
    SET LOCAL synchronous_commit = off;
    INSERT INTO feedback_post
        (provider, inbound, content_type, headers, body, received_at)
    VALUES (%s, false, '', '{}', %s, coalesce(%s::timestamptz, now()));
    SET LOCAL statement_timeout TO DEFAULT;
"""


@dataclass(frozen=True, slots=True)
class Notice:
    """``link`` is the number of the link that was followed; None for the pixel.

    ``machine`` is how surely a machine did it, as far as the request itself shows.
    """

    delivery: UUID
    link: int | None = None
    machine: int = 0


def note(notice: Notice, at: datetime | None = None) -> bool:
    """Store it if that takes but a moment; whether it did. As of now, unless said."""
    said = {
        "delivery": str(notice.delivery),
        "link": notice.link,
        "machine": notice.machine,
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(_STORE, [OWN, json.dumps(said).encode(), at])
    except Error as error:
        log.warning("visit_not_noted", error=type(error).__name__)
        return False
    return True


def read(post: Post) -> News:
    """The news in a post of ours. The same fetched twice within a second is one."""
    said = json.loads(bytes(post.body))
    link, machine = said["link"], said["machine"]
    second = int(post.received_at.timestamp())
    return News(
        kind=Kind.OPENED if link is None else Kind.CLICKED,
        # A signed token names the delivery; `matching` knows to whom it went.
        recipient="",
        at=post.received_at,
        mark=f"{link}:{machine}:{second}",
        delivery_uuid=UUID(said["delivery"]),
        link="" if link is None else f"#{link}",
        machine=machine,
    )
