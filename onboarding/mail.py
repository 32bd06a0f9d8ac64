"""How mail leaves: the outbox, an SMTP server or a provider's API.

The one place that knows Django's and Anymail's names for it.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .env import Reader

OUTBOX = "campaigns.messages.outbox.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"

# Provider -> (what it needs, what it may be given); names as Anymail spells them.
PROVIDERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "amazon_ses": (
        ("AMAZON_SES_REGION",),
        (
            "AMAZON_SES_ACCESS_KEY_ID",
            "AMAZON_SES_SECRET_ACCESS_KEY",
            "AMAZON_SES_CONFIGURATION_SET_NAME",
            "AMAZON_SES_API_URL",
        ),
    ),
    "brevo": (("BREVO_API_KEY",), ("BREVO_API_URL",)),
    "mailersend": (("MAILERSEND_API_TOKEN",), ("MAILERSEND_API_URL",)),
    "mailgun": (("MAILGUN_API_KEY",), ("MAILGUN_SENDER_DOMAIN", "MAILGUN_API_URL")),
    "mailjet": (("MAILJET_API_KEY", "MAILJET_SECRET_KEY"), ("MAILJET_API_URL",)),
    "mandrill": (("MANDRILL_API_KEY",), ("MANDRILL_API_URL",)),
    "postmark": (
        ("POSTMARK_SERVER_TOKEN",),
        ("POSTMARK_MESSAGE_STREAM", "POSTMARK_API_URL"),
    ),
    "resend": (("RESEND_API_KEY",), ("RESEND_API_URL",)),
    "scaleway": (("SCALEWAY_SECRET_KEY", "SCALEWAY_PROJECT_ID"), ("SCALEWAY_REGION",)),
    "sparkpost": (("SPARKPOST_API_KEY",), ("SPARKPOST_API_URL",)),
    "unisender_go": (("UNISENDER_GO_API_KEY", "UNISENDER_GO_API_URL"), ()),
}

#: Calls under way at a time from one worker, where nobody says otherwise.
IN_FLIGHT = 8
#: Seconds to connect, and to wait for a byte.
TIMEOUTS = (10, 30)

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def read_settings(env: Reader) -> dict[str, Any]:
    """The e-mail settings for the transport which the environment chose."""
    transport = env.choice("MAIL_TRANSPORT", "outbox", {"outbox", "smtp", *PROVIDERS})
    common = {"MAIL_TRANSPORT": transport, "EMAIL_TIMEOUT": TIMEOUTS[1]}
    if transport == "outbox":
        return {**common, "EMAIL_BACKEND": OUTBOX}
    if transport == "smtp":
        return {**common, **_smtp(env)}
    return {**common, **_provider(env, transport)}


def read_mailbox(env: Reader) -> dict[str, Any]:
    """Where bounces come back by mail; empty where nobody reads them by IMAP."""
    described = env.mailbox("BOUNCE_MAILBOX_URL")
    if described.get("encryption") == "imap" and described["host"] not in LOOPBACK:
        raise ImproperlyConfigured(
            "BOUNCE_MAILBOX_URL would send the password in the clear: "
            "write imaps:// or imap+tls:// (STARTTLS)."
        )
    return described


def _smtp(env: Reader) -> dict[str, Any]:
    described = env.mail("EMAIL_URL", "MAIL_TRANSPORT=smtp")
    described.pop("EMAIL_FILE_PATH", None)
    described["EMAIL_BACKEND"] = SMTP
    host = described["EMAIL_HOST"]
    encrypted = described.get("EMAIL_USE_TLS") or described.get("EMAIL_USE_SSL")
    if not encrypted and host not in LOOPBACK:
        raise ImproperlyConfigured(
            "EMAIL_URL would send mail and password in the clear: "
            "write smtp+tls:// (STARTTLS) or smtp+ssl://."
        )
    return described


def _provider(env: Reader, name: str) -> dict[str, Any]:
    needed, optional = PROVIDERS[name]
    values = {key: env.needed(key, f"MAIL_TRANSPORT={name}") for key in needed}
    values |= {key: value for key in optional if (value := env.text(key))}
    for key, value in values.items():
        if key.endswith("_API_URL") and not _is_safe(value):
            raise ImproperlyConfigured(f"{key} must be an https:// address.")
    if name == "amazon_ses":
        values = _amazon(values)
    return {
        "EMAIL_BACKEND": f"anymail.backends.{name}.EmailBackend",
        "ANYMAIL": {
            **values,
            "REQUESTS_TIMEOUT": TIMEOUTS,
            # Our "track nothing" has no word in some APIs: there it is a setting of
            # the sender's domain, and no reason not to send.
            "IGNORE_UNSUPPORTED_FEATURES": True,
            "DEBUG_API_REQUESTS": False,
        },
    }


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in LOOPBACK


def _amazon(values: Mapping[str, str]) -> dict[str, Any]:
    """Amazon's library wants them in its own form; without keys it looks where
    Amazon puts them, such as the role of the machine."""
    session = {
        "region_name": values["AMAZON_SES_REGION"],
        "aws_access_key_id": values.get("AMAZON_SES_ACCESS_KEY_ID"),
        "aws_secret_access_key": values.get("AMAZON_SES_SECRET_ACCESS_KEY"),
    }
    client: dict[str, Any] = {
        "config": {"connect_timeout": TIMEOUTS[0], "read_timeout": TIMEOUTS[1]}
    }
    if endpoint := values.get("AMAZON_SES_API_URL"):
        client["endpoint_url"] = endpoint
    chosen: dict[str, Any] = {
        "AMAZON_SES_SESSION_PARAMS": session,
        "AMAZON_SES_CLIENT_PARAMS": client,
    }
    if group := values.get("AMAZON_SES_CONFIGURATION_SET_NAME"):
        chosen["AMAZON_SES_CONFIGURATION_SET_NAME"] = group
    return chosen
