"""Moves those who wait for a step whose time was changed.

By as many days as its wait was changed, to the new hour, and never into the past. Whose
time has come already keeps it, like what is planned: what is due now was due by the
old rule.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from campaigns.sequences import schedule, turns
from campaigns.sequences.models import Step
from campaigns.sequences.schedule import Place, Rule

_ZONE = "coalesce(nullif(buyer.time_zone, ''), account.time_zone)"
_WAITING = """
    FROM sequences_enrolment AS enrolment
    JOIN customers_buyer AS buyer ON buyer.id = enrolment.buyer_id
    JOIN customers_account AS account ON account.id = enrolment.account_id
"""
_WHOM = """
    WHERE enrolment.campaign_id = %(campaign)s AND enrolment.version_id = %(version)s
      AND enrolment.state = 'active' AND enrolment.position = %(place)s
      AND enrolment.due_at > %(at)s
"""
_TIMES = f"""
    SELECT DISTINCT enrolment.due_at, {_ZONE}, account.country {_WAITING} {_WHOM}
"""
# In the order in which everybody locks them.
_MOVE = f"""
    WITH moved AS MATERIALIZED (
        SELECT * FROM unnest(%(dues)s::timestamptz[], %(zones)s::text[],
            %(countries)s::text[], %(news)s::timestamptz[])
        AS moved (due_at, zone, country, new)
    ), mine AS MATERIALIZED (
        SELECT enrolment.id, moved.new {_WAITING}
        JOIN moved ON moved.due_at = enrolment.due_at AND moved.zone = {_ZONE}
            AND moved.country = account.country
        {_WHOM}
        ORDER BY enrolment.id FOR NO KEY UPDATE OF enrolment
    )
    UPDATE sequences_enrolment AS enrolment SET due_at = mine.new
    FROM mine WHERE enrolment.id = mine.id
"""  # noqa: S608 - constants of this module


class _Time(NamedTuple):
    """When somebody is due, and where she is: the same for many."""

    due_at: datetime
    zone: str
    country: str

    @property
    def place(self) -> Place:
        return Place(self.zone, self.country)


def move(step: Step, place: int, before: Rule, at: datetime) -> int:
    """Give who waits for *step*, the one at *place* in the order, her new time; how
    many have another one now."""
    campaign = step.version.campaign
    whom = {
        "campaign": campaign.pk,
        "version": step.version_id,
        "place": place,
        "at": at,
    }
    times = _times(whom)
    earliest = max(at, campaign.starts_at or at)
    after = turns.rule_of(step)
    news = {one: shifted(one, before, after, earliest) for one in times}
    changed = {one: new for one, new in news.items() if new != one.due_at}
    return _move(whom, changed) if changed else 0


def shifted(one: _Time, before: Rule, after: Rule, earliest: datetime) -> datetime:
    """When somebody who waits by the rule *before* is due by the rule *after*."""
    zone = schedule.zone_of(one.zone)
    days = timedelta(days=after.wait_days - before.wait_days)
    day = _later(one.due_at.astimezone(zone).date() + days, earliest, one.zone)
    rule = Rule(0, after.send_at, after.working_days)
    return schedule.first_from(rule, one.place, day=day, at=earliest)


def _later(day: date, earliest: datetime, zone: str) -> date:
    return max(day, earliest.astimezone(schedule.zone_of(zone)).date())


def _times(whom: dict[str, Any]) -> Sequence[_Time]:
    with connection.cursor() as cursor:
        cursor.execute(_TIMES, whom)
        return [_Time(*row) for row in cursor.fetchall()]


def _move(whom: dict[str, Any], news: dict[_Time, datetime]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, {**whom, **_arrays(news.items())})
        moved: int = cursor.rowcount
    return moved


def _arrays(news: Iterable[tuple[_Time, datetime]]) -> dict[str, list[Any]]:
    rows = list(news)
    return {
        "dues": [one.due_at for one, _new in rows],
        "zones": [one.zone for one, _new in rows],
        "countries": [one.country for one, _new in rows],
        "news": [new for _one, new in rows],
    }
