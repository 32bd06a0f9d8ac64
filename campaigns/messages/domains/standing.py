"""What is known of a domain: what DNS said last, and since when that is so.

A name server that does not answer proves nothing: what it said before stands, and
beside it that nobody answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaigns.messages.models import SenderDomain

from .findings import Finding, Level
from .senders import used, worst


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a domain that a brand writes from, and since when."""

    domain: str
    titles: str
    since: datetime | None


def merge(before: Sequence[Finding], now: Sequence[Finding]) -> list[Finding]:
    """*now*, and for what was not answered what was known of it."""
    silent = {one.subject for one in now if one.level == Level.UNKNOWN}
    known = [one for one in before if one.subject in silent]
    return [*(one for one in known if one.level != Level.UNKNOWN), *now]


def date(
    before: Sequence[Finding],
    since: Mapping[str, str],
    now: Sequence[Finding],
    at: datetime,
) -> dict[str, str]:
    """Subject → since when it stands as it does *now*, in the form of ISO 8601."""
    was, is_ = _levels(before), _levels(now)
    return {
        subject: since[subject]
        if subject in since and was.get(subject) == level
        else at.isoformat()
        for subject, level in is_.items()
    }


def _levels(findings: Sequence[Finding]) -> dict[str, str]:
    subjects = dict.fromkeys(one.subject for one in findings)
    known = [one for one in findings if one.level != Level.UNKNOWN]
    return {
        subject: worst(one for one in known if one.subject == subject)
        for subject in subjects
    }


def faults(domains: Sequence[str] | None = None) -> list[Fault]:
    """Of all domains that brands write from, or of *domains*: those with a fault."""
    wanted = used() if domains is None else domains
    rows = SenderDomain.objects.filter(domain__in=wanted)
    return [fault for row in rows if (fault := fault_of(row)) is not None]


def fault_of(row: SenderDomain) -> Fault | None:
    bad = [one for one in map(Finding.of, row.findings) if one.level == Level.BAD]
    if not bad:
        return None
    titles = ", ".join(dict.fromkeys(one.title for one in bad))
    since = [began for one in bad if (began := begun(row, one.subject))]
    return Fault(row.domain, titles, min(since, default=row.checked_at))


def begun(row: SenderDomain, subject: str) -> datetime | None:
    """Since when *subject* stands as it does."""
    said = row.since.get(subject)
    return datetime.fromisoformat(said) if said else None
