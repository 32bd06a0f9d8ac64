"""Signed tokens of personal links: bound to a purpose, never holding an address.

A token is 34 bytes in URL-safe base64: the subject's UUID, a version that the
subject's row raises to revoke older links, and 16 bytes of HMAC-SHA256 under a
key of its own per purpose. Nothing of it is stored.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.conf import settings

_MAC = 16
_SIZE = 16 + 2 + _MAC


@dataclass(frozen=True, slots=True)
class Claim:
    subject: UUID
    version: int


def make(purpose: str, subject: UUID, version: int = 1) -> str:
    """Return the token that opens *purpose* for *subject*."""
    payload = subject.bytes + version.to_bytes(2, "big")
    mac = _mac(settings.LINK_KEY, purpose, payload)
    return urlsafe_b64encode(payload + mac).rstrip(b"=").decode()


def read(purpose: str, token: str) -> Claim | None:
    """Return what *token* claims, or None when it was not made for *purpose*."""
    try:
        raw = urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
    except (BadBase64, ValueError):
        return None
    if len(raw) != _SIZE:
        return None
    payload, mac = raw[:-_MAC], raw[-_MAC:]
    if not any(
        hmac.compare_digest(mac, _mac(key, purpose, payload)) for key in _keys()
    ):
        return None
    return Claim(UUID(bytes=payload[:16]), int.from_bytes(payload[16:], "big"))


def _keys() -> Iterator[str]:
    yield settings.LINK_KEY
    yield from settings.LINK_KEY_FALLBACKS


def _mac(key: str, purpose: str, payload: bytes) -> bytes:
    return hmac.digest(_purpose_key(key, purpose), payload, "sha256")[:_MAC]


@cache
def _purpose_key(key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), b"link:" + purpose.encode(), "sha256")
