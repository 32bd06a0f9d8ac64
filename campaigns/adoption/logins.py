"""Log-ins to the store, which it reports: per month, and per key account.

Read from the journal itself. An event is recorded at most a day before it happened,
so bounding when it was recorded keeps to the months asked for.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection

from accounts.journal.kinds import LOGGED_IN
from campaigns.adoption.channels import months_of
from campaigns.adoption.frames import Frame, midnight, midnight_after
from campaigns.adoption.population import ineligible

AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Month:
    """``buyers`` and ``accounts`` are distinct ones."""

    month: date
    logins: int
    buyers: int
    accounts: int


@dataclass(frozen=True, slots=True)
class KeyAccount:
    """How a key account used the store in the period."""

    id: int
    number: str
    name: str
    buyers: int
    logins: int


def by_month(frame: Frame) -> tuple[Month, ...]:
    """The months of the period that saw a log-in, oldest first. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_MONTH, _period(frame))
        return tuple(Month(*row) for row in cursor)


def by_key_account(frame: Frame) -> tuple[KeyAccount, ...]:
    """Every eligible key account, those without any log-in as well. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_ACCOUNT.format(x=ineligible(frame)), _period(frame))
        return tuple(KeyAccount(*row) for row in cursor)


def _period(frame: Frame) -> dict[str, datetime | str]:
    first, last = months_of(frame)[0], frame.until or frame.today
    start = midnight(frame.since or first)
    return {
        "kind": LOGGED_IN,
        "start": start,
        "recorded": start - AHEAD,
        "end": min(midnight_after(last), frame.now),
        "zone": settings.TIME_ZONE,
    }


_BY_MONTH = """
    SELECT date_trunc('month', occurred_at AT TIME ZONE %(zone)s)::date,
           count(*) FILTER (WHERE corrects IS NULL),
           count(DISTINCT buyer_id), count(DISTINCT account_id)
      FROM journal_event
     WHERE kind = %(kind)s AND recorded_at >= %(recorded)s
       AND occurred_at >= %(start)s AND occurred_at < %(end)s
     GROUP BY 1 ORDER BY 1
"""
# A log-in that came without its buyer, and was told again with her, is one log-in.
_BY_ACCOUNT = """
    SELECT a.id, a.number, a.name, count(DISTINCT e.buyer_id),
           count(e.id) FILTER (WHERE e.corrects IS NULL)
      FROM customers_account a
      LEFT JOIN journal_event e
        ON e.account_id = a.id AND e.kind = %(kind)s AND e.recorded_at >= %(recorded)s
       AND e.occurred_at >= %(start)s AND e.occurred_at < %(end)s
     WHERE a.is_key AND a.id NOT IN (SELECT account_id FROM {x} x)
     GROUP BY a.id ORDER BY 4 DESC, 5 DESC, a.number_key
"""
