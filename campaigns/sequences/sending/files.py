"""Files that went out with a message: kept for as long as it may still be sent."""

from datetime import datetime, timedelta

from django.db import connection

#: For a person who looks at what has just gone wrong.
KEPT = timedelta(days=1)

# A file holds names and addresses; nobody reads it again. What is *unknown* keeps its
# own, for a person may have it sent once more.
_FORGET = """
    DELETE FROM sequences_deliveryattachment AS file
    USING sequences_delivery AS delivery
    WHERE delivery.id = file.delivery_id
      AND delivery.state IN ('sent', 'failed', 'skipped')
      AND delivery.settled_at < %s
"""


def forget(at: datetime) -> int:
    """Delete the files of messages that were settled a while ago; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [at - KEPT])
        return int(cursor.rowcount)
