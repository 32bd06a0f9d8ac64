"""Deliveries whose buyer got another address after they were planned.

Rare, so one by one: each may find that a colleague's message goes to the new address.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

_MOVE = """
    UPDATE sequences_delivery AS delivery
    SET address_hash = buyer.address_hash, state = 'planned', claimed_by = '',
        lease_until = NULL
    FROM customers_buyer AS buyer
    WHERE delivery.id = %(id)s AND buyer.id = delivery.buyer_id
      AND delivery.state = 'claimed' AND delivery.claimed_by = %(worker)s
"""
_LEAVE_OUT = """
    UPDATE sequences_delivery
    SET state = 'skipped', reason = 'same_mailbox', settled_at = %(at)s,
        lease_until = NULL
    WHERE id = %(id)s AND state = 'claimed' AND claimed_by = %(worker)s
"""


def readdress(ids: Sequence[int], *, worker: str, at: datetime) -> None:
    """Put claimed deliveries back, to be composed and looked at for the new address."""
    for pk in ids:
        values: dict[str, Any] = {"id": pk, "worker": worker, "at": at}
        with connection.cursor() as cursor:
            try:
                with transaction.atomic():
                    cursor.execute(_MOVE, values)
            except IntegrityError:
                cursor.execute(_LEAVE_OUT, values)
