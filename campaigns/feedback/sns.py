"""Amazon's signature on what SNS posts, which Anymail does not check.

The certificate comes from Amazon's own host and no other, without a redirect; the
topic must be one that the installation named, for anybody can have a topic.
"""

import re
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import requests
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings

from .refusals import Refused

_PLACE = re.compile(
    r"https://sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[A-Za-z0-9_./-]+\.pem"
)
_LARGEST = 64 * 1024
_SECONDS = 5
_SIGNED: Mapping[str, tuple[str, ...]] = {
    "Notification": (
        *("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    ),
    "SubscriptionConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token"),
        *("TopicArn", "Type"),
    ),
}
_SIGNED = {**_SIGNED, "UnsubscribeConfirmation": _SIGNED["SubscriptionConfirmation"]}
_DIGESTS: Mapping[str, hashes.HashAlgorithm] = {
    "1": hashes.SHA1(),  # noqa: S303 - what Amazon signs by until told otherwise
    "2": hashes.SHA256(),
}


def prove(message: Mapping[str, Any]) -> None:
    """Raise `Refused` unless Amazon signed it for a topic of ours."""
    if message.get("TopicArn") not in settings.WEBHOOK_TOPICS:
        raise Refused("topic")
    place = str(message.get("SigningCertURL", ""))
    digest = _DIGESTS.get(str(message.get("SignatureVersion")))
    if not _PLACE.fullmatch(place) or digest is None:
        raise Refused("certificate")
    try:
        signature = b64decode(str(message.get("Signature", "")), validate=True)
        key = _key(place)
        key.verify(signature, _text(message).encode(), padding.PKCS1v15(), digest)
    except (BadBase64, InvalidSignature, ValueError):
        raise Refused("signature") from None


def signed_at(message: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(str(message["Timestamp"]))
    except (KeyError, ValueError):
        raise Refused("timestamp") from None


def _text(message: Mapping[str, Any]) -> str:
    names = _SIGNED.get(str(message.get("Type")), ())
    return "".join(f"{name}\n{message[name]}\n" for name in names if name in message)


@lru_cache(maxsize=8)
def _key(place: str) -> rsa.RSAPublicKey:
    certificate = x509.load_pem_x509_certificate(fetch(place))
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise Refused("certificate")
    return key


def fetch(place: str) -> bytes:
    """Amazon's certificate; raises `requests.RequestException` where it cannot."""
    with requests.get(
        place, timeout=_SECONDS, allow_redirects=False, stream=True
    ) as answer:
        if answer.status_code != requests.codes.ok:
            raise requests.HTTPError(str(answer.status_code))
        return next(answer.iter_content(_LARGEST), b"")


def forget() -> None:
    """Fetch certificates anew."""
    _key.cache_clear()
