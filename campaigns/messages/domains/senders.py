"""The domains that brands write from, and by which way out."""

import re
from collections.abc import Iterable

from django.conf import settings

from campaigns.messages.models import Brand

from .findings import Finding, Level

_SELECTOR = re.compile(r"[a-z0-9]([a-z0-9_.-]{0,61}[a-z0-9])?")
_MOST_SELECTORS = 6
_ORDER = (Level.GOOD, Level.WARN, Level.UNKNOWN, Level.BAD)


def used() -> dict[str, list[str]]:
    """Domain → names of the brands that write from it."""
    found: dict[str, list[str]] = {}
    for brand in Brand.objects.order_by("name").only("name", "sender_email"):
        found.setdefault(domain_of(brand.sender_email), []).append(brand.name)
    return found


def domain_of(address: str) -> str:
    """In the form that DNS knows it by."""
    domain = address.rpartition("@")[2].strip().lower()
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def provider() -> str:
    """The way out that the settings chose."""
    return str(getattr(settings, "MAIL_TRANSPORT", "outbox"))


def read_selectors(typed: str) -> list[str]:
    """Raises ValueError for what is none."""
    found = [one.lower() for one in re.split(r"[\s,;]+", typed.strip()) if one]
    found = [one.partition("._domainkey")[0] for one in found]
    if len(found) > _MOST_SELECTORS or not all(map(_SELECTOR.fullmatch, found)):
        raise ValueError
    return found


def worst(findings: Iterable[Finding]) -> str:
    """The level that matters most; unknown where nothing was found yet."""
    levels = [one.level for one in findings]
    return max(levels, key=_ORDER.index, default=Level.UNKNOWN)
