"""Signs of life of the running parts, as readiness reads them."""

from socket import gethostname

from django.db import connection

from accounts.journal import clock
from campaigns.sequences.sending import heartbeat

# Three times the timetable's tick: one late tick alarms nobody.
PATIENCE_SECONDS = 30

AGE = """
    SELECT extract(epoch FROM clock_timestamp() - max(at))::int
    FROM sequences_heartbeat WHERE part = %s
"""


def beat(part: str) -> None:
    """Show that `part` works on this host."""
    heartbeat.beat(part, gethostname(), clock.now())


def read_age(part: str) -> int | None:
    """Seconds since any instance of the part was last seen; None if never."""
    with connection.cursor() as cursor:
        cursor.execute(AGE, [part])
        (age,) = cursor.fetchone()
    return None if age is None else int(age)
