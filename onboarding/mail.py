"""How mail leaves: the outbox, an SMTP server or a provider's API.

The one place that knows Django's and Anymail's names for it.
"""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .env import Reader

OUTBOX = "campaigns.messages.outbox.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"

# Provider -> (what it needs, what it may be given); names as Anymail spells them.
PROVIDERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "brevo": (("BREVO_API_KEY",), ()),
    "mailersend": (("MAILERSEND_API_TOKEN",), ()),
    "mailgun": (("MAILGUN_API_KEY",), ("MAILGUN_SENDER_DOMAIN", "MAILGUN_API_URL")),
    "mailjet": (("MAILJET_API_KEY", "MAILJET_SECRET_KEY"), ()),
    "mandrill": (("MANDRILL_API_KEY",), ()),
    "postmark": (("POSTMARK_SERVER_TOKEN",), ("POSTMARK_MESSAGE_STREAM",)),
    "resend": (("RESEND_API_KEY",), ()),
    "scaleway": (("SCALEWAY_SECRET_KEY", "SCALEWAY_PROJECT_ID"), ("SCALEWAY_REGION",)),
    "sparkpost": (("SPARKPOST_API_KEY",), ("SPARKPOST_API_URL",)),
    "unisender_go": (("UNISENDER_GO_API_KEY", "UNISENDER_GO_API_URL"), ()),
}

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def read_settings(env: Reader) -> dict[str, Any]:
    """The e-mail settings for the transport which the environment chose."""
    transport = env.choice("MAIL_TRANSPORT", "outbox", {"outbox", "smtp", *PROVIDERS})
    common = {"MAIL_TRANSPORT": transport, "EMAIL_TIMEOUT": 30}
    if transport == "outbox":
        return {**common, "EMAIL_BACKEND": OUTBOX}
    if transport == "smtp":
        return {**common, **_smtp(env)}
    return {**common, **_provider(env, transport)}


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
        if key.endswith("_API_URL") and urlsplit(value).scheme != "https":
            raise ImproperlyConfigured(f"{key} must be an https:// address.")
    return {
        "EMAIL_BACKEND": f"anymail.backends.{name}.EmailBackend",
        "ANYMAIL": {**values, "DEBUG_API_REQUESTS": False},
    }
