"""What a provider's lane begins with, before a person sets it."""

from django.conf import settings

from campaigns.sequences.brakes.limits import Limits

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
#: Ten a second: brisk for a mail server of one's own, and within every paid plan.
_USUAL = Limits(per_minute=600)
_PROVIDERS = {
    # 14 a second is what Amazon gives a new account outside its sandbox.
    "amazon_ses": Limits(per_minute=840),
    # Two calls a second until one asks for more.
    "resend": Limits(per_minute=120),
}
_NOWHERE = frozenset({"outbox", "locmem", "console", "dummy", "filebased", "test"})


def of(provider: str) -> Limits:
    """Sensible limits for a kind of provider; none where nothing leaves this computer.

    A relay on this computer keeps a queue and limits of its own.
    """
    if provider in _NOWHERE or _is_here(provider):
        return Limits()
    return _PROVIDERS.get(provider, _USUAL)


def _is_here(provider: str) -> bool:
    if provider == "smtp":
        return settings.EMAIL_HOST in _LOOPBACK
    addresses = [
        str(value)
        for name, value in getattr(settings, "ANYMAIL", {}).items()
        if name.endswith("_API_URL")
    ]
    return any(f"//{host}" in address for host in _LOOPBACK for address in addresses)
