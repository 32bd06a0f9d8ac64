"""Idempotency keys, for the providers that have them: the delivery's own id.

It was made with the row and never changes, so that the same message asked for twice
is sent once: within a day at Resend and SparkPost, half an hour at Brevo.
"""

from collections.abc import Callable
from typing import Any

from campaigns.messages import headers

from .base import Result, Verdict


def _in_http_header(payload: Any, key: str) -> None:
    payload.headers["Idempotency-Key"] = key


def _in_message(payload: Any, key: str) -> None:
    payload.data["headers"]["idempotencyKey"] = key


_PUT: dict[str, Callable[[Any, str], None]] = {
    "brevo": _in_message,
    "resend": _in_http_header,
    "sparkpost": _in_http_header,
}


def has_keys(provider: str) -> bool:
    return provider in _PUT


def attach(provider: str, backend: Any) -> None:
    """Have *backend*, of Anymail, send the key along with each message."""
    if provider not in _PUT:
        return
    put, build = _PUT[provider], backend.build_message_payload

    def build_with_key(message: Any, defaults: Any) -> Any:
        payload = build(message, defaults)
        if key := message.extra_headers.get(headers.DELIVERY):
            put(payload, key)
        return payload

    backend.build_message_payload = build_with_key


def read(provider: str, result: Result) -> Result:
    """Brevo refuses a key that it knows: it has taken the message before."""
    known = result.code == "400" and "duplicate_parameter" in result.answer
    if provider == "brevo" and known:
        return Result(Verdict.ACCEPTED, result.code, result.answer)
    return result
