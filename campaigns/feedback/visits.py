"""Where a counted link leads, and whether its being followed may be noted."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

# Following works for ever; noting only while the campaign counts and she agrees.
_FIND = """
    SELECT coalesce(link.address, ''),
           coalesce(campaign.measures, false) AND EXISTS (
               SELECT FROM consent_permission AS permission
               WHERE permission.buyer_id = delivery.buyer_id
                 AND permission.topic = 'tracking' AND permission.allowed)
    FROM sequences_delivery AS delivery
    LEFT JOIN campaign_messages_publishedlink AS link
      ON link.version_id = delivery.message_version_id AND link.number = %s
     AND link.withdrawn_at IS NULL
    LEFT JOIN sequences_campaign AS campaign ON campaign.id = delivery.campaign_id
    WHERE delivery.uuid = %s
"""


@dataclass(frozen=True, slots=True)
class Way:
    """``address`` as it was stored when the message was published; empty for none."""

    address: str = ""
    may_note: bool = False


def find(delivery: UUID, number: int) -> Way:
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [number, delivery])
        row = cursor.fetchone()
    return Way(*row) if row else Way()
