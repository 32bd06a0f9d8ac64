"""Whose reports about our mail are taken in, and by which secrets they are proven.

Anymail's names for its settings; what it does not check itself has a name of ours.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from .env import Reader

SHARED = "WEBHOOK_SECRET"
TOPICS = "AMAZON_SES_TOPICS"
RESEND = "RESEND_SIGNING_SECRET"
#: Turns the reports of the provider that we send through off.
NONE = "none"

#: Provider → sets of settings, one of which proves that a report is the provider's.
PROOFS: dict[str, tuple[frozenset[str], ...]] = {
    "amazon_ses": (frozenset({SHARED, TOPICS}),),
    "brevo": (frozenset({SHARED}),),
    "mailersend": (frozenset({"MAILERSEND_SIGNING_SECRET"}),),
    "mailgun": (frozenset({"MAILGUN_WEBHOOK_SIGNING_KEY"}),),
    "mailjet": (frozenset({SHARED}),),
    "mailtrap": (frozenset({"MAILTRAP_TRACKING_SECRET"}), frozenset({SHARED})),
    "mandrill": (frozenset({"MANDRILL_WEBHOOK_KEY"}),),
    "postal": (frozenset({"POSTAL_WEBHOOK_KEY"}),),
    "postmark": (frozenset({SHARED}),),
    "resend": (frozenset({RESEND}), frozenset({SHARED})),
    "sendgrid": (
        frozenset({"SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY"}),
        frozenset({SHARED}),
    ),
    "sparkpost": (frozenset({SHARED}),),
    "unisender_go": (frozenset({"UNISENDER_GO_API_KEY"}),),
}
#: What belongs to a proof without being one.
BESIDES = ("MAILERSEND_INBOUND_SECRET", "MANDRILL_WEBHOOK_URL")

#: A shared secret shorter than this can be guessed.
SHORTEST = 24


def read_providers(env: Reader, transport: str) -> list[str]:
    """By default the one that we send through, where it reports."""
    default = [transport] if transport in PROOFS else []
    named = env.names("WEBHOOKS", default)
    if named == [NONE]:
        return []
    if strangers := sorted(set(named) - PROOFS.keys()):
        raise ImproperlyConfigured(
            f"WEBHOOKS names {', '.join(strangers)}: it may name "
            f"{', '.join(PROOFS)}, or be {NONE}."
        )
    return named


def read_secrets(env: Reader) -> dict[str, str]:
    """What Anymail proves reports by, under its own names."""
    names = {name for proofs in PROOFS.values() for proof in proofs for name in proof}
    asked = sorted({*names, *BESIDES} - {TOPICS, RESEND})
    values = {name: value for name in asked if (value := env.text(name))}
    _check_shared(values.get(SHARED, ""))
    return values


def find_unproven(settings: Any) -> list[str]:
    """Providers whose reports anybody could forge, as the settings stand."""
    present = {name for name, value in settings.ANYMAIL.items() if value}
    present |= {TOPICS} if settings.WEBHOOK_TOPICS else set()
    present |= {RESEND} if settings.WEBHOOK_RESEND else set()
    return [
        provider
        for provider in settings.WEBHOOKS
        if not any(needed <= present for needed in PROOFS[provider])
    ]


def describe_lack(provider: str) -> str:
    """What to set, in one sentence."""
    ways = " or ".join(" and ".join(sorted(way)) for way in PROOFS[provider])
    return (
        f"Anybody could forge reports of {provider}: set {ways} (see .env.example), "
        f"or WEBHOOKS={NONE} to take no reports in."
    )


def _check_shared(secret: str) -> None:
    if secret and (":" not in secret or len(secret) < SHORTEST):
        raise ImproperlyConfigured(
            f"{SHARED} must be user:password, of at least {SHORTEST} characters."
        )
