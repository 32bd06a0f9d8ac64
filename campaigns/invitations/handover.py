"""From the first hand-over of a mail that carries the link, a buyer is invited."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from accounts.journal import kinds
from accounts.journal.record import NewEvent, record_many
from campaigns.sequences.touchpoints import Recipient

from .answers import SOURCE

_FIRST = """
WITH handed (buyer_id, delivery) AS (
    SELECT * FROM unnest(%s::bigint[], %s::text[])
), newest AS (
    SELECT DISTINCT ON (invitation.buyer_id) invitation.id, handed.delivery
      FROM invitations_invitation AS invitation
      JOIN handed USING (buyer_id)
     ORDER BY invitation.buyer_id, invitation.id DESC
), locked AS (
    SELECT invitation.id, newest.delivery
      FROM invitations_invitation AS invitation
      JOIN newest USING (id)
     WHERE invitation.sent_at IS NULL
     ORDER BY invitation.id
       FOR NO KEY UPDATE OF invitation
)
UPDATE invitations_invitation AS invitation
   SET sent_at = %s
  FROM locked
 WHERE invitation.id = locked.id AND invitation.sent_at IS NULL
RETURNING invitation.uuid, invitation.account_id, invitation.buyer_id, locked.delivery
"""


def note(recipients: Sequence[Recipient], at: datetime) -> int:
    """Record who is invited by these deliveries, once per invitation; how many.

    Buyers who had registered before are recorded as well: figures list them apart.
    """
    handed = {each.buyer_id: str(each.delivery_uuid) for each in recipients}
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, (list(handed), list(handed.values()), at))
        first = cursor.fetchall()
    record_many(
        NewEvent(
            kind=kinds.INVITED,
            account_id=account_id,
            buyer_id=buyer_id,
            occurred_at=at,
            source=SOURCE,
            key=f"{kinds.INVITED}:{uuid}",
            cause=f"delivery:{delivery}",
        )
        for uuid, account_id, buyer_id, delivery in first
    )
    return len(first)
