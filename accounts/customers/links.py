"""Signed tokens of personal links: bound to a purpose, never holding an address.

A token is 34 bytes in URL-safe base64: the subject's UUID, a version that the
subject's row raises to revoke older links, and 16 bytes of HMAC-SHA256 under a
key of its own per purpose. Nothing of it is stored. One that also names the message
it came with has that UUID's 16 bytes before the HMAC.
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
_SIZES = {16 + 2 + _MAC, 16 + 2 + 16 + _MAC}


@dataclass(frozen=True, slots=True)
class Claim:
    subject: UUID
    version: int
    #: The delivery that the link came with, where it says so.
    delivery: UUID | None = None


def make(
    purpose: str, subject: UUID, version: int = 1, delivery: UUID | None = None
) -> str:
    """Return the token that opens *purpose* for *subject*."""
    payload = subject.bytes + version.to_bytes(2, "big")
    if delivery is not None:
        payload += delivery.bytes
    mac = _mac(settings.LINK_KEY, purpose, payload)
    return urlsafe_b64encode(payload + mac).rstrip(b"=").decode()


def read(purpose: str, token: str) -> Claim | None:
    """Return what *token* claims, or None when it was not made for *purpose*."""
    try:
        raw = urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
    except (BadBase64, ValueError):
        return None
    # Unused bits at the end would make several tokens out of one.
    if len(raw) not in _SIZES or urlsafe_b64encode(raw).rstrip(b"=") != token.encode():
        return None
    payload, mac = raw[:-_MAC], raw[-_MAC:]
    if not any(
        hmac.compare_digest(mac, _mac(key, purpose, payload)) for key in _keys()
    ):
        return None
    return Claim(
        subject=UUID(bytes=payload[:16]),
        version=int.from_bytes(payload[16:18], "big"),
        delivery=UUID(bytes=payload[18:]) if len(payload) > 18 else None,
    )


def _keys() -> Iterator[str]:
    yield settings.LINK_KEY
    yield from settings.LINK_KEY_FALLBACKS


def _mac(key: str, purpose: str, payload: bytes) -> bytes:
    return hmac.digest(_purpose_key(key, purpose), payload, "sha256")[:_MAC]


@cache
def _purpose_key(key: str, purpose: str) -> bytes:
    return hmac.digest(key.encode(), b"link:" + purpose.encode(), "sha256")
