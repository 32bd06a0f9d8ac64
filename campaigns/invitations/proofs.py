"""What must always be true of invitations, for ``manage.py audit``."""

from datetime import datetime

from accounts.journal import kinds
from accounts.journal.invariants import Broken, count, register

from .answers import ACCEPTED, SEEN, SOURCE

#: The column of each kind that stands for an event of the journal.
TIMES = {"sent_at": kinds.INVITED, "seen_at": SEEN, "accepted_at": ACCEPTED}

_UNTOLD = " UNION ALL ".join(
    f"""
    SELECT 'invitation ' || id || ': {kind}' FROM invitations_invitation AS invitation
     WHERE {column} IS NOT NULL
       AND NOT EXISTS (SELECT FROM journal_eventkey
            WHERE source = '{SOURCE}' AND key = '{kind}:' || invitation.uuid)
    """  # noqa: S608 - constants of ours
    for column, kind in TIMES.items()
)


def _untold(at: datetime) -> Broken:
    return count(_UNTOLD)


register(
    "I9",
    "Every invitation that was sent, seen or accepted says so in the journal.",
    _untold,
)
