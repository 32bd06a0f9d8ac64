"""Asks DNS about a domain of ours, and keeps what it said."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.staff.models import User
from campaigns.messages.models import SenderDomain

from . import checks, senders, standing
from .findings import Finding, Level

#: Between two questions about one domain: after an answer, and without one.
DAILY, AGAIN = timedelta(days=1), timedelta(hours=1)


def ask(
    domain: str, selectors: Sequence[str], *, by: User | None, at: datetime
) -> SenderDomain:
    """The network comes before the row."""
    heard = checks.check(domain, provider=senders.provider(), selectors=selectors)
    return _keep(domain, heard, at, by=by, selectors=list(selectors))


def ask_again(row: SenderDomain, at: datetime) -> SenderDomain:
    """By the product itself, under the selectors that a person once gave."""
    provider = senders.provider()
    heard = checks.check(row.domain, provider=provider, selectors=row.selectors)
    return _keep(row.domain, heard, at, by=None)


def _keep(
    domain: str,
    heard: Sequence[Finding],
    at: datetime,
    *,
    by: User | None,
    selectors: list[str] | None = None,
) -> SenderDomain:
    with transaction.atomic():
        SenderDomain.objects.get_or_create(domain=domain)
        row = SenderDomain.objects.select_for_update().get(domain=domain)
        before = [Finding.of(one) for one in row.findings]
        found = standing.merge(before, heard)
        row.since = standing.date(before, row.since, found, at)
        row.findings = [one.as_dict() for one in found]
        is_silent = any(one.level == Level.UNKNOWN for one in heard)
        row.ask_at = at + (AGAIN if is_silent else DAILY)
        row.checked_at, row.checked_by = at, by
        if selectors is not None:
            row.selectors = selectors
        row.save()
    return row
