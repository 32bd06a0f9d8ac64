"""All that is checked about one domain."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings

from . import dkim, dmarc, providers, spf
from .findings import Finding, Level
from .lookup import Lookup, Unanswered

#: After so long what was found may not hold any more.
FRESH = timedelta(days=30)

Part = Callable[[], Iterator[Finding]]


def stale(checked_at: datetime | None, at: datetime) -> bool:
    return checked_at is None or at - checked_at > FRESH


def check(
    domain: str,
    *,
    provider: str,
    selectors: Sequence[str] = (),
    lookup: Lookup | None = None,
) -> list[Finding]:
    """Ask DNS about *domain*, from which mail leaves through *provider*.

    Never raises: what could not be asked is a finding as well.
    """
    lookup = lookup or Lookup()
    usual = providers.usual(provider)
    names = tuple(selectors) or (*usual.selectors, *providers.COMMON)
    parts: dict[str, Part] = {
        spf.SUBJECT: lambda: spf.check(domain, usual.include, lookup),
        dkim.SUBJECT: lambda: dkim.check(domain, names, lookup),
        dmarc.SUBJECT: lambda: dmarc.check(domain, lookup),
        "mx": lambda: _check_mx(domain, lookup),
        "one_click": lambda: _check_one_click(lookup),
    }
    return [one for name, part in parts.items() for one in _try(name, part)]


def _try(subject: str, part: Part) -> list[Finding]:
    try:
        return list(part())
    except Unanswered:
        return [Finding(subject, Level.UNKNOWN, "no_answer")]


def _check_mx(domain: str, lookup: Lookup) -> Iterator[Finding]:
    hosts = lookup.mail_hosts(domain)
    if [host for host in hosts if host not in {"", "."}]:
        yield Finding("mx", Level.GOOD, "mx_good", {"hosts": ", ".join(hosts[:3])})
    elif not hosts and lookup.has_address(domain):
        yield Finding("mx", Level.WARN, "mx_only_address", {"domain": domain})
    else:
        yield Finding("mx", Level.BAD, "mx_missing", {"domain": domain})


def _check_one_click(lookup: Lookup) -> Iterator[Finding]:
    """RFC 8058: the address is https, and can be reached by name."""
    site = urlsplit(settings.SITE_URL)
    host = site.hostname or ""
    if site.scheme != "https":
        yield Finding("one_click", Level.BAD, "one_click_no_https")
    elif not lookup.has_address(host):
        yield Finding("one_click", Level.BAD, "one_click_no_host", {"host": host})
    else:
        yield Finding("one_click", Level.GOOD, "one_click_good")
