"""What a file or a call declares of the buyers it names: a permission to begin with.

It fills gaps and no more: a permission that exists, by a choice or by an earlier
declaration, stays as it is, and no suppression is touched.
"""

from datetime import datetime
from typing import Any

from django.db import connection
from django.dispatch import receiver

from accounts.customers.models import CustomerImport
from accounts.customers.signals import LegalBasis, customers_written

from .models import MARKETING

Basis = CustomerImport.LegalBasis

#: The bases on which commercial messages may be sent until the buyer objects.
PERMITTING = frozenset({Basis.EXISTING_CUSTOMER, Basis.CONSENT})

_FILL = """
INSERT INTO consent_permission
    (buyer_id, topic, allowed, chosen, basis, source, since)
SELECT DISTINCT named.buyer_id, %(topic)s, %(allowed)s, false, %(basis)s, %(source)s,
       coalesce(%(given)s::date::timestamptz, %(at)s)
  FROM customers_stagedbuyer AS named
 WHERE named.stage = %(stage)s AND named.buyer_id IS NOT NULL
 ORDER BY named.buyer_id
ON CONFLICT (buyer_id, topic) DO NOTHING
"""


@receiver(customers_written, dispatch_uid="consent.declared")
def hear(
    sender: object, stage: int, declared: LegalBasis, at: datetime, **kwargs: Any
) -> None:
    declare(stage, declared, at)


def declare(stage: int, declared: LegalBasis, at: datetime) -> int:
    """Give each named buyer without a permission the declared one; how many got it."""
    if not declared.basis:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _FILL,
            {
                "topic": MARKETING,
                "allowed": declared.basis in PERMITTING,
                "basis": str(declared.basis),
                "source": _source(declared),
                "given": declared.consent_date,
                "at": at,
                "stage": stage,
            },
        )
        return int(cursor.rowcount)


def _source(declared: LegalBasis) -> str:
    parts = (declared.source, declared.consent_source)
    return ": ".join(part for part in parts if part)[:250]
