"""Asks DNS about every sender's domain once a day, without anybody pressing a button.

A few in each turn, those first that have waited longest, so that a hundred domains
spread over the day. A row is taken before the network is asked: two workers never
ask about the same one, and one that dies has it asked about again in an hour.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db.models import F, Q

from campaigns.messages.models import SenderDomain

from . import asking, senders
from .findings import Finding, Level

log = structlog.get_logger(__name__)

#: All of them within so many turns, and never more at a time: each may take seconds.
TURNS, MOST = 12, 10


def watch(at: datetime) -> int:
    """Ask about those whose day is over; how many. Where nothing leaves, about none."""
    if senders.provider() == "outbox":
        return 0
    names = list(senders.used())
    known = [SenderDomain(domain=name) for name in names]
    SenderDomain.objects.bulk_create(known, ignore_conflicts=True)
    taken = [one for one in _longest_waiting(names, at) if _take(one, at)]
    for one in taken:
        _ask(one, at)
    return len(taken)


def _longest_waiting(names: Sequence[str], at: datetime) -> list[SenderDomain]:
    rows = SenderDomain.objects.filter(_is_due(at), domain__in=names)
    most = min(-(-len(names) // TURNS), MOST)
    return list(rows.order_by(F("ask_at").asc(nulls_first=True), "domain")[:most])


def _is_due(at: datetime) -> Q:
    return Q(ask_at=None) | Q(ask_at__lte=at)


def _take(row: SenderDomain, at: datetime) -> bool:
    rows = SenderDomain.objects.filter(_is_due(at), pk=row.pk)
    return bool(rows.update(ask_at=at + asking.AGAIN))


def _ask(row: SenderDomain, at: datetime) -> None:
    before = {one["subject"] for one in row.findings if one["level"] == Level.BAD}
    row = asking.ask_again(row, at)
    found = [Finding.of(one) for one in row.findings]
    if worse := {one.subject for one in found if one.level == Level.BAD} - before:
        log.warning("sender_domain_worse", domain=row.domain, subjects=sorted(worse))
