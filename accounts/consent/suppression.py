"""Addresses that are left alone. They stay so until a person lifts it with a reason."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from accounts.staff.models import User

from .models import Suppression

#: From weak to strong. A stronger reason replaces a weaker one, never the reverse: a
#: complaint after an unsubscription must not be undone by the unsubscribe page.
STRENGTH = [
    Suppression.Reason.UNSUBSCRIBED,
    Suppression.Reason.BOUNCED,
    Suppression.Reason.BY_HAND,
    Suppression.Reason.COMPLAINED,
    Suppression.Reason.ERASED,
]

_SUPPRESS = """
INSERT INTO consent_suppression
    (uuid, address_hash, scope, reason, source, created_at, created_by_id)
SELECT gen_random_uuid(), hash, %(scope)s, %(reason)s, %(source)s, %(at)s, %(by)s
  FROM unnest(%(hashes)s::bytea[]) AS hash
 ORDER BY hash
ON CONFLICT (address_hash, scope) WHERE lifted_at IS NULL
DO UPDATE SET reason = excluded.reason,
              source = excluded.source,
              created_by_id = excluded.created_by_id
        WHERE array_position(%(strength)s::text[], consent_suppression.reason::text)
            < array_position(%(strength)s::text[], excluded.reason::text)
"""


def suppress(
    address_hash: bytes,
    scope: str,
    *,
    reason: str,
    source: str,
    at: datetime,
    by: User | None = None,
) -> bool:
    """Leave the address alone from now on; whether that was news."""
    return (
        suppress_many([address_hash], scope, reason=reason, source=source, at=at, by=by)
        == 1
    )


def suppress_many(
    hashes: Iterable[bytes],
    scope: str,
    *,
    reason: str,
    source: str,
    at: datetime,
    by: User | None = None,
) -> int:
    """The same for many addresses in one statement; how many were news."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SUPPRESS,
            {
                "hashes": list({bytes(each) for each in hashes}),
                "scope": str(scope),
                "reason": str(reason),
                "source": source,
                "at": at,
                "by": by.pk if by else None,
                "strength": [str(each) for each in STRENGTH],
            },
        )
        return int(cursor.rowcount)


def lift(
    suppression: Suppression, reason: str, *, at: datetime, by: User | None
) -> bool:
    """End it, for a reason somebody gave; whether it was still active.

    ``by`` is None only where the person herself took her unsubscription back.
    """
    if not reason.strip():
        raise ValueError("A suppression is lifted for a reason.")
    lifted = Suppression.objects.filter(pk=suppression.pk, lifted_at=None).update(
        lifted_at=at, lifted_by=by, lift_reason=reason.strip()[:200]
    )
    return lifted == 1


def active(address_hash: bytes) -> QuerySet[Suppression]:
    """What keeps this address from being written to, at most one row per scope."""
    return Suppression.objects.filter(address_hash=address_hash, lifted_at=None)
