"""Is a post the provider's, and of now? Asked before anything of it is stored.

Anymail checks shared secrets and the signatures it knows. Amazon's and Svix's (which
Resend uses) are checked here, and so is the age of whatever carries a signed time.
"""

import hmac
import json
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest

from . import sns
from .providers import PROVIDERS, door
from .refusals import Refused

#: So far may the provider's clock be before ours.
AHEAD = timedelta(minutes=5)


def prove(slug: str, request: HttpRequest, *, inbound: bool) -> datetime | None:
    """Raise `Refused` unless *request* is the provider's; return when it was signed.

    None where the provider signs no time; else `check_age` has the last word.
    """
    try:
        door(slug, inbound=inbound).run_validators(request)
    except SuspiciousOperation:
        raise Refused("secret") from None
    except Exception as error:
        # Anymail reads what it proves: a body that is no JSON, a key that is missing.
        raise Refused(type(error).__name__) from error
    match slug:
        case "amazon_ses":
            message = read_json(request.body)
            sns.prove(message)
            return sns.signed_at(message)
        case "mailgun":
            return _mailgun_time(request)
        case "resend" if settings.WEBHOOK_RESEND:
            return _prove_svix(request, settings.WEBHOOK_RESEND)
        case "sendgrid" if door(slug, inbound=False).webhook_verification_key:
            name = "X-Twilio-Email-Event-Webhook-Timestamp"
            given = request.headers.get(name)
            return _instant(given) if given else None
    return None


def _mailgun_time(request: HttpRequest) -> datetime:
    if request.content_type == "application/json":
        block = read_json(request.body).get("signature")
        return _instant(block.get("timestamp") if isinstance(block, dict) else None)
    return _instant(request.POST.get("timestamp"))


def _prove_svix(request: HttpRequest, secret: str) -> datetime:
    """Standard Webhooks: id.timestamp.body under HMAC-SHA256, one or more of them."""
    name, stamp = request.headers.get("svix-id"), request.headers.get("svix-timestamp")
    if not name or not stamp:
        raise Refused("signature")
    try:
        key = b64decode(secret.removeprefix("whsec_"))
    except BadBase64:
        raise Refused("key") from None
    signed = b".".join((name.encode(), stamp.encode(), request.body))
    wanted = "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()
    given = request.headers.get("svix-signature", "").split()
    if not any(hmac.compare_digest(wanted.encode(), one.encode()) for one in given):
        raise Refused("signature")
    return _instant(stamp)


def read_json(body: bytes) -> Mapping[str, Any]:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("json") from None
    if not isinstance(read, dict):
        raise Refused("json")
    return read


def _instant(value: Any) -> datetime:
    try:
        return datetime.fromtimestamp(float(value), tz=UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise Refused("timestamp") from None


def check_age(slug: str, signed: datetime, at: datetime) -> None:
    """Raise `Refused` for what was signed too long ago, or in the future."""
    if not at - PROVIDERS[slug].late <= signed <= at + AHEAD:
        raise Refused("age")
