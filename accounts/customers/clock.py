"""The database's clock, for the doors of this floor's lower apps.

`accounts.journal.clock` is the same clock; it lies above and cannot be asked here.
"""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (instant,) = cursor.fetchone()
    found: datetime = instant
    return found
