"""Messages whose fate nobody could tell, settled by a named person who found out."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import connection, transaction

from accounts.staff.models import User
from campaigns.sequences.sending import handed_over


class Finding(StrEnum):
    """What the person found out at the provider, or decided."""

    ACCEPTED = "accepted"
    NOT_SENT = "not_sent"
    #: It was not accepted, and should go out after all: once.
    SEND_AGAIN = "send_again"


class NoteMissing(ValueError):
    """Nobody settles anything without saying by what evidence."""


_STATES = {
    Finding.ACCEPTED: "sent",
    Finding.NOT_SENT: "failed",
    Finding.SEND_AGAIN: "planned",
}

# `settled_by` is empty until a person spoke: a second "send again" finds it filled.
_SETTLE = """
    UPDATE sequences_delivery
    SET state = %(state)s,
        reason = CASE WHEN %(state)s = 'failed' THEN 'settled_as_not_sent' ELSE '' END,
        sent_at = CASE WHEN %(state)s = 'sent' THEN settled_at END,
        due_at = CASE WHEN %(state)s = 'planned' THEN %(at)s ELSE due_at END,
        claimed_by = CASE WHEN %(state)s = 'planned' THEN '' ELSE claimed_by END,
        settled_at = CASE WHEN %(state)s = 'planned' THEN NULL ELSE %(at)s END,
        settled_by_id = %(by)s,
        settled_note = %(note)s
    WHERE id = ANY(%(ids)s) AND state = 'unknown'
      AND (%(state)s <> 'planned' OR settled_by_id IS NULL)
    RETURNING id
"""
_FIRST_SENT = """
    UPDATE sequences_enrolment AS enrolment SET sent_at = delivery.sent_at
    FROM sequences_delivery AS delivery
    WHERE delivery.id = ANY(%(ids)s) AND enrolment.id = delivery.enrolment_id
      AND enrolment.sent_at IS NULL
"""


def settle(
    ids: Collection[int], finding: Finding, *, by: User, note: str, at: datetime
) -> int:
    """Settle unknown deliveries; how many. *note* is the evidence, kept with the name.

    One that a person has sent again before, and that is unknown again, can only be
    settled as accepted or not sent.
    """
    if not note.strip():
        raise NoteMissing
    values: dict[str, Any] = {
        "ids": list(ids),
        "state": _STATES[finding],
        "by": by.pk,
        "note": note.strip()[:300],
        "at": at,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_SETTLE, values)
        settled = [row[0] for row in cursor.fetchall()]
        if finding is Finding.ACCEPTED:
            cursor.execute(_FIRST_SENT, {"ids": settled})
            handed_over.tell(settled, at)
    return len(settled)
