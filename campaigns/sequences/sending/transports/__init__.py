"""The ways out of here, and the one that the settings choose."""

from functools import cache

from anymail.backends.base import AnymailBaseBackend
from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.utils.module_loading import import_string

from campaigns.messages.outbox import EmailBackend as OutboxBackend

from .base import (
    Busy,
    CredentialsRefused,
    Gate,
    Letter,
    Result,
    Transport,
    Unreachable,
    Verdict,
)
from .django import DjangoTransport
from .outbox import OutboxTransport
from .provider import ProviderTransport
from .smtp import SmtpTransport

__all__ = [
    "Busy",
    "CredentialsRefused",
    "Gate",
    "Letter",
    "Result",
    "Transport",
    "Unreachable",
    "Verdict",
    "make",
]


def make() -> Transport:
    """The transport for the e-mail backend of the settings."""
    backend = _backend(settings.EMAIL_BACKEND)
    if issubclass(backend, OutboxBackend):
        return OutboxTransport()
    if issubclass(backend, SmtpBackend):
        return SmtpTransport()
    if issubclass(backend, AnymailBaseBackend):
        return ProviderTransport()
    return DjangoTransport()


@cache
def _backend(path: str) -> type:
    found: type = import_string(path)
    return found
