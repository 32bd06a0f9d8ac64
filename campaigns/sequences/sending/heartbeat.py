"""Signs of life of the senders, which readiness reads, and other installations."""

from datetime import datetime
from typing import Any

from django.db import connection

from campaigns.sequences import arming

EVERY_SECONDS = 10.0

_BEAT = """
    INSERT INTO sequences_heartbeat (part, instance, installation, at)
    VALUES (%(part)s, %(instance)s, %(installation)s, %(at)s)
    ON CONFLICT (part, instance)
    DO UPDATE SET at = excluded.at, installation = excluded.installation
"""
#: Instances have names of their own, and are many over the years.
_FORGET = """
    DELETE FROM sequences_heartbeat
    WHERE part = %(part)s AND at < %(at)s - interval '1 day'
"""


def beat(part: str, instance: str, at: datetime) -> None:
    values: dict[str, Any] = {
        "part": part,
        "instance": instance[:80],
        "installation": arming.installation(),
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, values)
        cursor.execute(_FORGET, values)
