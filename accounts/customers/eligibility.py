"""Accounts that may not order online for a while: `eligible` follows their dates."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction

from . import facts


@dataclass(frozen=True, slots=True)
class Barred:
    """Why, from and until which day; an open end is None."""

    reason: str
    since: date | None
    until: date | None

    def holds_on(self, day: date) -> bool:
        begun = self.since is None or self.since <= day
        return begun and (self.until is None or day <= self.until)


_TURN = """
    UPDATE customers_account SET
        eligible = NOT eligible,
        updated_at = clock_timestamp()
    WHERE (ineligible_from IS NOT NULL OR ineligible_until IS NOT NULL)
      AND eligible = (
        coalesce(ineligible_from, '-infinity') <= %(today)s
        AND %(today)s <= coalesce(ineligible_until, 'infinity')
      )
    RETURNING id
"""


def turn(at: datetime) -> int:
    """Bar and admit the accounts whose day has come; how many."""
    today = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TURN, {"today": today})
        ids = [row[0] for row in cursor.fetchall()]
        facts.sync(ids, at, "dates")
    return len(ids)
