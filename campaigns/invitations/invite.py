"""Inviting: the one standing invitation of a buyer, made, kept valid and withdrawn."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from .models import Invitation

#: It is prolonged no more often: most mails of a sequence then only read.
GRAIN = timedelta(days=1)

_FRESH = """
SELECT standing.buyer_id, standing.id, standing.uuid, standing.generation
  FROM invitations_invitation AS standing
  JOIN customers_buyer AS buyer ON buyer.id = standing.buyer_id
 WHERE standing.buyer_id = ANY(%(buyers)s) AND standing.revoked_at IS NULL
   AND standing.account_id = buyer.account_id
   AND standing.address_hash = buyer.address_hash
   AND standing.expires_at > %(until)s
"""

_STANDING = """
INSERT INTO invitations_invitation AS standing
    (uuid, reference, buyer_id, account_id, campaign_id, channel, address_hash,
     generation, created_at, expires_at)
SELECT gen_random_uuid(), gen_random_uuid(), buyer.id, buyer.account_id,
       wanted.campaign_id, 'email', buyer.address_hash, 1, %(at)s, %(until)s
  FROM unnest(%(buyers)s::bigint[], %(campaigns)s::bigint[])
       AS wanted (buyer_id, campaign_id)
  JOIN customers_buyer AS buyer ON buyer.id = wanted.buyer_id
 ORDER BY buyer.id
ON CONFLICT (buyer_id) WHERE revoked_at IS NULL
DO UPDATE SET
    -- An expired link stays dead, and so does one to an address she has no more.
    generation = standing.generation + CASE
        WHEN standing.expires_at <= %(at)s THEN 1
        WHEN standing.address_hash IS NULL THEN 0
        WHEN standing.address_hash IS DISTINCT FROM excluded.address_hash THEN 1
        ELSE 0 END,
    account_id = excluded.account_id,
    address_hash = excluded.address_hash,
    expires_at = CASE
        WHEN standing.expires_at IS NOT NULL
        THEN greatest(standing.expires_at, excluded.expires_at) END
RETURNING buyer_id, id, uuid, generation
"""


def valid_for() -> timedelta:
    """How long a link opens, counted from the last mail that carried it."""
    return timedelta(days=settings.INVITATION_DAYS)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a link to an invitation is made from."""

    invitation_id: int
    uuid: UUID
    generation: int


def standing(campaigns: Mapping[int, int | None], at: datetime) -> dict[int, Standing]:
    """The invitation of each buyer, valid from *at* on; two statements for them all.

    *campaigns* says for each buyer's id which campaign invites her: it is remembered
    where the invitation is new. Repeating it changes nothing but the expiry.
    """
    found = _ask(_FRESH, buyers=list(campaigns), until=at + valid_for() - GRAIN)
    wanted = {buyer: campaigns[buyer] for buyer in campaigns if buyer not in found}
    if wanted:
        found |= _ask(
            _STANDING,
            buyers=list(wanted),
            campaigns=list(wanted.values()),
            at=at,
            until=at + valid_for(),
        )
    return found


def _ask(query: str, **parameters: Any) -> dict[int, Standing]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return {row[0]: Standing(*row[1:]) for row in cursor}


def revoke(invitation: Invitation, at: datetime) -> bool:
    """Kill every link of the invitation; whether it still stood."""
    return revoke_all([invitation.pk], at) == 1


def revoke_all(ids: Collection[int], at: datetime) -> int:
    """The same for many; how many still stood."""
    return Invitation.objects.filter(pk__in=ids, revoked_at=None).update(revoked_at=at)
