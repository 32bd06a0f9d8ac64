"""What a provider reports later about a message that it took.

A report counts only where our own id and the recipient both fit: whoever forges one
of them changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import connection, transaction

from accounts.customers import addresses
from campaigns.sequences.sending import handed_over


class Heard(StrEnum):
    """``ACCEPTED`` is any sign that the provider has it; so are the other two."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class Report:
    delivery_uuid: UUID
    recipient: str
    heard: Heard
    at: datetime


_FIND = """
    SELECT delivery.id, report.heard, report.at
    FROM unnest(%(uuids)s::uuid[], %(hashes)s::bytea[], %(heard)s::text[],
                %(ats)s::timestamptz[]) AS report (uuid, hash, heard, at)
    JOIN sequences_delivery AS delivery
      ON delivery.uuid = report.uuid AND delivery.address_hash = report.hash
    WHERE delivery.state IN ('sending', 'sent', 'unknown')
"""
_PROVE = """
    UPDATE sequences_delivery
    SET state = 'sent', reason = '', sent_at = settled_at
    WHERE id = ANY(%(ids)s) AND state = 'unknown'
    RETURNING id
"""
_DELIVERED = """
    UPDATE sequences_enrolment AS enrolment
    SET delivered_at = least(enrolment.delivered_at, heard.at),
        sent_at = coalesce(enrolment.sent_at, heard.sent_at)
    FROM (
        SELECT delivery.enrolment_id, min(told.at) AS at,
               min(delivery.sent_at) AS sent_at
        FROM unnest(%(ids)s::bigint[], %(ats)s::timestamptz[]) AS told (id, at)
        JOIN sequences_delivery AS delivery ON delivery.id = told.id
        WHERE delivery.enrolment_id IS NOT NULL
        GROUP BY delivery.enrolment_id
        ORDER BY delivery.enrolment_id
    ) AS heard
    WHERE enrolment.id = heard.enrolment_id
"""


def take_in(reports: Sequence[Report], at: datetime) -> int:
    """Note what providers report; how many reports fit a delivery. Repeat-safe."""
    if not reports:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _FIND,
            {
                "uuids": [one.delivery_uuid for one in reports],
                "hashes": [_hash(one.recipient) for one in reports],
                "heard": [str(one.heard) for one in reports],
                "ats": [one.at for one in reports],
            },
        )
        found = cursor.fetchall()
        cursor.execute(_PROVE, {"ids": [row[0] for row in found]})
        proven = [row[0] for row in cursor.fetchall()]
        delivered = [row for row in found if row[1] == Heard.DELIVERED]
        cursor.execute(
            _DELIVERED,
            {
                "ids": [row[0] for row in delivered],
                "ats": [row[2] for row in delivered],
            },
        )
        handed_over.tell(proven, at)
    return len(found)


def _hash(recipient: str) -> bytes | None:
    try:
        return addresses.check(recipient).hash
    except addresses.BadAddress:
        return None
