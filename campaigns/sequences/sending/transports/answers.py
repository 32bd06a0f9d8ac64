"""What a backend's exception or status means. "An exception" is never "not sent".

Definite is what was refused in so many words, or could not even be connected to.
Whatever else goes wrong may have gone wrong after the provider took the message.
"""

import json
import smtplib
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from socket import gaierror
from typing import Any

from anymail.exceptions import (
    AnymailError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import BadHeaderError, EmailMessage
from requests import ConnectTimeout
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import TooManyRedirects
from urllib3.exceptions import MaxRetryError, NewConnectionError
from urllib3.exceptions import SSLError as HandshakeError

from .base import Result, Verdict
from .http_calls import Call

#: HTTP says who we are is the trouble, or what we owe; "setup": our settings are.
_CREDENTIALS = frozenset({"401", "402", "403", "setup"})
TOO_MANY = "429"
#: Definite, but more likely a wrong address of the provider than a wrong message.
_NOT_FOUND = frozenset({404, 405})
_REJECTED = frozenset({"rejected", "invalid", "failed"})
_NOT_A_MESSAGE = (
    AnymailInvalidAddress,
    AnymailUnsupportedFeature,
    AnymailSerializationError,
    BadHeaderError,
)
#: Postmark's own codes for an account or a sender that may not send (with HTTP 422).
_POSTMARK_SETUP = frozenset({400, 401, 405, 412, 413})
#: Amazon's names; the HTTP status beside them is 400.
_AMAZON = {
    "AccountSuspendedException": "setup",
    "SendingPausedException": "setup",
    "MailFromDomainNotVerifiedException": "setup",
    "NotFoundException": "setup",
    "LimitExceededException": TOO_MANY,
    "TooManyRequestsException": TOO_MANY,
    "Throttling": TOO_MANY,
    "ThrottlingException": TOO_MANY,
}
#: Of Amazon's library: it was never connected, or has nothing to sign with.
_NO_CONNECTION = frozenset({"EndpointConnectionError", "ConnectTimeoutError"})
_AMAZONS_WIRE = {
    ("botocore.exceptions", "ConnectionError"),
    ("botocore.exceptions", "HTTPClientError"),
}
_NO_SIGNATURE = frozenset(
    {"NoCredentialsError", "PartialCredentialsError", "NoRegionError"}
)
_LIMIT = 300


def classify_message(message: EmailMessage, taken: int | None) -> Result:
    """A backend's call returned: the status that Anymail left, or Django's count."""
    status = getattr(message, "anymail_status", None)
    known = {str(one) for one in getattr(status, "status", None) or ()}
    provider_id = str(getattr(status, "message_id", None) or "")[:200]
    if known & _REJECTED:
        return Result(Verdict.REFUSED, ",".join(sorted(known))[:10])
    if taken == 0:
        return Result(Verdict.LATER, answer="The backend took no message.")
    return Result(Verdict.ACCEPTED, provider_id=provider_id)


def classify_error(error: Exception, call: Call | None = None) -> Result:
    """A backend's call raised *error*; *call* tells how far it came, where known."""
    if isinstance(error, AnymailRecipientsRefused):
        return Result(Verdict.REFUSED, "refused", _words(error))
    if isinstance(error, _NOT_A_MESSAGE):
        return Result(Verdict.REFUSED, "invalid", type(error).__name__)
    if isinstance(error, ImproperlyConfigured):
        return Result(Verdict.WITHHELD, "setup", type(error).__name__)
    if isinstance(error, smtplib.SMTPException):
        return _classify_smtp(error)
    if isinstance(error, TooManyRedirects):
        # Whoever answers is not the provider's API.
        return Result(Verdict.LATER, "3xx", type(error).__name__)
    status = _http_status(error) or (call.status if call else None)
    if status is not None:
        return _classify_http(status, error)
    if _never_connected(error, call):
        return Result(Verdict.WITHHELD, answer=type(error).__name__)
    if _cause(error) in _NO_SIGNATURE:
        return Result(Verdict.WITHHELD, "setup", _cause(error))
    if call and not call.written:
        return _never_written(error)
    return Result(Verdict.AMBIGUOUS, answer=type(error).__name__)


def proves_credentials_wrong(result: Result) -> bool:
    return result.code in _CREDENTIALS


def proves_unreachable(result: Result) -> bool:
    return result.verdict is Verdict.WITHHELD


def _never_written(error: Exception) -> Result:
    """It failed on the way to the wire, or while it was put into the API's form."""
    name = type(error).__name__
    if isinstance(error, OSError) or _is_amazons_wire(error.__cause__):
        return Result(Verdict.WITHHELD, answer=name)
    return Result(Verdict.REFUSED, "invalid", name)


def _is_amazons_wire(error: BaseException | None) -> bool:
    """Was it on the way to Amazon, rather than in the message?"""
    kinds = {(one.__module__, one.__name__) for one in type(error).__mro__}
    return not kinds.isdisjoint(_AMAZONS_WIRE)


def _classify_http(status: int, error: Exception) -> Result:
    code, words = _own_code(error) or str(status), _words(error)
    if 200 <= status < 300:
        # Taken, though its answer could not be read (an HTML page, no body at all).
        return Result(Verdict.ACCEPTED, code)
    if code in _CREDENTIALS:
        return Result(Verdict.WITHHELD, code, words)
    if code == TOO_MANY:
        return Result(Verdict.LATER, code, words, retry_after=_retry_after(error))
    if status in _NOT_FOUND:
        return Result(Verdict.LATER, code, words)
    if 400 <= status < 500 and status not in {408, 409}:
        return Result(Verdict.REFUSED, code, words)
    return Result(Verdict.AMBIGUOUS, code, words)


def _classify_smtp(error: smtplib.SMTPException) -> Result:
    if isinstance(error, smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return Result(Verdict.WITHHELD, answer=type(error).__name__)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Result(Verdict.WITHHELD, "setup", type(error).__name__)
    codes = [getattr(error, "smtp_code", 0)]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _answer in error.recipients.values()]
    code = max(codes, default=0)
    if 400 <= code < 500:
        return Result(Verdict.LATER, str(code), _words(error))
    if 500 <= code < 600:
        return Result(Verdict.REFUSED, str(code), _words(error))
    return Result(Verdict.AMBIGUOUS, answer=type(error).__name__)


def _own_code(error: Exception) -> str:
    """What a provider says in words of its own, in ours; empty for the usual."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return _AMAZON.get(str(response.get("Error", {}).get("Code", "")), "")
    if isinstance(error, AnymailError) and error.esp_name == "Postmark":
        return "setup" if _postmark_code(response) in _POSTMARK_SETUP else ""
    return ""


def _postmark_code(response: Any) -> int:
    try:
        return int(json.loads(response.text)["ErrorCode"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return 0


def _http_status(error: Exception) -> int | None:
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        # Of Amazon's library: the answer as it read it.
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return status if isinstance(status, int) else None
    status = getattr(error, "status_code", None) or getattr(
        response, "status_code", None
    )
    return status if isinstance(status, int) else None


def _never_connected(error: Exception, call: Call | None) -> bool:
    if isinstance(error, ConnectTimeout | ConnectionRefusedError | gaierror):
        return True
    if _cause(error) in _NO_CONNECTION:
        return True
    if not isinstance(error, RequestsConnectionError) or (call and call.written):
        # TLS that breaks while the answer is read looks like a failed handshake.
        return False
    # Anymail raises its own from the original, which holds urllib3's.
    held: list[Any] = [*error.args, *getattr(error.__cause__, "args", ())]
    reasons = [one.reason for one in held if isinstance(one, MaxRetryError)]
    return any(isinstance(one, NewConnectionError | HandshakeError) for one in reasons)


def _cause(error: Exception) -> str:
    return type(error.__cause__).__name__


def _retry_after(error: Exception) -> timedelta | None:
    """Of the Retry-After header: seconds, or a date (RFC 9110 10.2.3)."""
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or {}
    said = str(headers.get("Retry-After", "")).strip()
    if said.isdecimal():
        return timedelta(seconds=min(int(said), 86_400))
    try:
        until = parsedate_to_datetime(said)
        date = parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    wait = until.astimezone(UTC) - date.astimezone(UTC)
    return max(timedelta(0), min(wait, timedelta(days=1)))


def _words(error: Exception) -> str:
    """The provider's answer, without the message that Anymail quotes beside it."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return str(response.get("Error", {}).get("Message", ""))[:_LIMIT]
    text = getattr(response, "text", None)
    return str(text or type(error).__name__)[:_LIMIT]
