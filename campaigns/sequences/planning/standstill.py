"""While a running campaign is changed, nobody plans by what it said before.

Planning reads the steps first and writes messages by them later: what it wrote behind
a change would keep the old text, though somebody was told that it has the new one. The
lock is taken before any row by both sides, so that they cannot lock each other out.
"""

from django.db import connection

# A two-part advisory key; the first part is any number nobody else uses.
_KEY = (20_262, 1)


def hold() -> None:
    """Wait for those who plan, and keep others from it, until the transaction ends."""
    _run("SELECT pg_advisory_xact_lock(%s, %s)")


def respect() -> None:
    """Plan beside others who plan, and not while something is changed."""
    _run("SELECT pg_advisory_xact_lock_shared(%s, %s)")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, _KEY)
