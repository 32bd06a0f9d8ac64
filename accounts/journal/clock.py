"""The only clock: the database's. Doors ask it once and pass the answer down."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (instant,) = cursor.fetchone()
    found: datetime = instant
    return found
