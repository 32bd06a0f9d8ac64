"""The narrow door into history that is closed otherwise: for blanking alone.

Triggers hold it: through it, words of a choice and details of an event become empty,
and nothing else changes.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_SETTING = "onboarding.history"


@contextmanager
def opened() -> Iterator[None]:
    """Open until the end of the block, or of the transaction that it breaks."""
    if not connection.in_atomic_block:
        raise RuntimeError("The door opens within a transaction.")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting(%(name)s, true),"
            " set_config(%(name)s, 'erase', true)",
            {"name": _SETTING},
        )
        before = cursor.fetchone()[0] or ""
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [_SETTING, before])
