"""Keys by which the store and the ERP come in: issued once, kept as a digest.

A key reads ``onb_`` and 43 letters, 256 random bits; so a plain SHA-256 is enough to
keep, and finding a key by it takes the same time for every wrong one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.db.models import Q

from .models import ApiKey, User

MARK = "onb_"
#: How much of a key people may see later: the mark and six letters.
SHOWN = len(MARK) + 6
#: ``last_used_at`` is written no more often; a busy store is not a busy row.
GRAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new key; ``secret`` is shown to a person once and then known to nobody."""

    key: ApiKey
    secret: str


def issue(
    name: str,
    source: str,
    scopes: Iterable[str],
    *,
    by: User | None = None,
    expires_at: datetime | None = None,
) -> Issued:
    key = ApiKey(
        name=name,
        source=source,
        scopes=sorted(set(scopes)),
        created_by=by,
        expires_at=expires_at,
    )
    return Issued(key, seal(key))


def seal(key: ApiKey) -> str:
    """Give an unsaved key its secret and save it; returns the secret."""
    secret = MARK + token_urlsafe(32)
    key.prefix, key.digest = secret[:SHOWN], digest_of(secret)
    key.save()
    return secret


def find(secret: str, at: datetime) -> ApiKey | None:
    """The key that was given, if it is alive at *at*; notes that it was used."""
    key = ApiKey.objects.filter(digest=digest_of(secret)).first()
    if key is None or not is_alive(key, at):
        return None
    _note_use(key, at)
    return key


def verify(secret: str, scope: str, at: datetime) -> ApiKey | None:
    """The same, if it also opens *scope*."""
    key = find(secret, at)
    return key if key is not None and scope in key.scopes else None


def is_alive(key: ApiKey, at: datetime) -> bool:
    expired = key.expires_at is not None and key.expires_at <= at
    return key.revoked_at is None and not expired


def revoke(key: ApiKey, at: datetime) -> bool:
    """Close it for ever; False where it was closed before."""
    open_still = ApiKey.objects.filter(pk=key.pk, revoked_at=None)
    return open_still.update(revoked_at=at) == 1


def digest_of(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _note_use(key: ApiKey, at: datetime) -> None:
    if key.last_used_at is not None and at - key.last_used_at < GRAIN:
        return
    long_ago = Q(last_used_at=None) | Q(last_used_at__lte=at - GRAIN)
    ApiKey.objects.filter(long_ago, pk=key.pk).update(last_used_at=at)
