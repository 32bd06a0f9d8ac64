"""What must always be true of what was measured, for ``manage.py audit``."""

from datetime import datetime

from accounts.journal.invariants import Broken, count, register

from .summing import RECOUNT

_DIFFERENT = f"""
    SELECT 'delivery ' || measured.delivery_id
    FROM sequences_measureddelivery AS measured
    LEFT JOIN ({RECOUNT.format(which="IS NOT NULL")}) AS told USING (delivery_id)
    WHERE (measured.opened, measured.clicked)
        IS DISTINCT FROM (told.opened, told.clicked)
"""  # noqa: S608 - constants of ours


def _compare(at: datetime) -> Broken:
    return count(_DIFFERENT)


register(
    "I9",
    "What is kept beside a measured message is what its reports say.",
    _compare,
)
