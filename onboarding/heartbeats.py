"""Signs of life of the running parts, kept as rows."""

from django.db import connection

# Three times the timetable's tick: one late tick alarms nobody.
PATIENCE_SECONDS = 30

WRITE = """
    INSERT INTO sequences_heartbeat (part, instance, at) VALUES (%s, %s, now())
    ON CONFLICT (part, instance) DO UPDATE SET at = now()
"""
AGE = """
    SELECT extract(epoch FROM now() - max(at))::int
    FROM sequences_heartbeat WHERE part = %s
"""


def beat(part: str, instance: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [part, instance])


def read_age(part: str) -> int | None:
    """Seconds since any instance of the part was last seen; None if never."""
    with connection.cursor() as cursor:
        cursor.execute(AGE, [part])
        (age,) = cursor.fetchone()
    return None if age is None else int(age)
