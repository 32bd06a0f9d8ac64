"""Nobody serves with secrets that everybody knows."""

from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from . import webhooks

SECRETS = ("SECRET_KEY", "LINK_KEY", "ADDRESS_HASH_KEY", "ARMING_KEY")
# Commands that serve; web, worker and beat ask for themselves.
SERVING = frozenset({"dispatch"})


def find_demo_secrets() -> list[str]:
    return [name for name in SECRETS if getattr(settings, name) == settings.DEMO_SECRET]


#: Names and numbers by which a machine calls itself.
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


def may_be_careless() -> bool:
    """The demo holds nobody's data; to try things out, only this machine may come."""
    if settings.DEMO:
        return True
    at_home = settings.LISTEN in LOOPBACK and settings.SITE_HOST in LOOPBACK
    return settings.ALLOW_BUNDLED and at_home


def refuse_demo_secrets() -> None:
    """Stop a process that would serve outside the demo with the demo's secrets."""
    if may_be_careless():
        return
    if names := find_demo_secrets():
        raise ImproperlyConfigured(
            f"{', '.join(names)}: not set, so they are the demo's, which everybody "
            "knows. Set them (see .env.example); to try things out, use `make demo` "
            "or set ALLOW_BUNDLED=1 and leave LISTEN and SITE_URL to this machine."
        )


def refuse_open_webhooks() -> None:
    """Stop a process that would believe whoever reports about our mail."""
    if lacks := webhooks.find_unproven(settings):
        raise ImproperlyConfigured(" ".join(map(webhooks.describe_lack, lacks)))


def refuse_unsafe() -> None:
    """What every process that serves asks first."""
    refuse_demo_secrets()
    refuse_open_webhooks()


def is_serving(arguments: Sequence[str]) -> bool:
    """Does this command line (as in sys.argv) start a process that serves?"""
    if {"-h", "--help"}.intersection(arguments):
        return False
    return len(arguments) > 1 and arguments[1] in SERVING
