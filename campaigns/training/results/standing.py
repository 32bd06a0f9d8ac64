"""Where companies stood at a session's start: their stage, segment and own rhythm.

For each company that might be compared the past is cut into spans in which all three
stayed the same; a session's start falls into one of them. So the work grows with the
companies and their orders, and not with the number of sessions: who stood alike at
each start is counted in one passage over the ends of the spans.

- stage: not invited, invited or registered, by the times of the journal; not before
  anything was known of it, or it became a customer;
- segment: as the account's history has it (`AccountFact`); before the first one known
  that one, because nothing else was known;
- rhythm: the median of its last three gaps between days with an order, on whatever
  channel (with two gaps their mean); fewer than three such days are too short a
  history, and a year without an order is none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.training.kinds import TRAINED

from . import past
from .scope import WINDOW

STAGES: Mapping[str, str | Promise] = {
    "none": _("not invited"),
    "invited": _("invited"),
    "registered": _("registered"),
}
RHYTHMS: Mapping[str, str | Promise] = {
    "none": _("no order within a year"),
    "short": _("too few orders for a rhythm"),
    "weekly": _("orders about weekly"),
    "fortnightly": _("orders about every two weeks"),
    "monthly": _("orders about monthly"),
    "quarterly": _("orders about quarterly"),
    "rarely": _("orders more rarely"),
}
#: Orders so long before the first session still tell a rhythm.
LOOKING_BACK = timedelta(days=2 * 365)
#: So long without an order there is no rhythm any more.
SILENT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Standing:
    stage: str
    segment: str
    rhythm: str

    @property
    def words(self) -> tuple[str, str, str]:
        return str(STAGES[self.stage]), self.segment, str(RHYTHMS[self.rhythm])


# A span holds from `lo` on until `hi`, which is no longer in it. Nobody stands anywhere
# any more once it has ordered online; `free` ends where its own training would tell.
_SPANS = f"""
    trained (account_id, at) AS MATERIALIZED (
        SELECT * FROM unnest(%(trained)s::bigint[], %(times)s::timestamptz[])
    ), candidate AS MATERIALIZED (
        SELECT account.id, account.segment, progress.invited_at,
               progress.registered_at, least(account.created_at,
                   account.customer_since, progress.offline_first) AS known_from,
               coalesce(progress.online_first, 'infinity') AS ends,
               coalesce(own.first_at, 'infinity') - %(window)s AS free_until
        FROM customers_account AS account
        LEFT JOIN journal_accountprogress AS progress
          ON progress.account_id = account.id
        LEFT JOIN journal_kindprogress AS own
          ON own.account_id = account.id AND own.buyer_id = 0 AND own.kind = %(kind)s
        WHERE progress.online_first IS NULL OR progress.online_first > %(first)s
    ), barred AS ({past.BARRED}
    ), allowed AS (
        SELECT candidate.id, lower(span) AS lo, upper(span) AS hi FROM candidate
        LEFT JOIN (
            SELECT account_id AS id, range_agg(tstzrange(lo, hi)) AS times FROM barred
            GROUP BY 1
        ) AS barred USING (id), unnest(
            tstzmultirange(tstzrange('-infinity', 'infinity'))
            - coalesce(times, tstzmultirange())) AS span
    ), staged AS (
        SELECT id, stage, lo, hi FROM candidate CROSS JOIN LATERAL (VALUES
            ('none', known_from, coalesce(least(invited_at, registered_at),
                                          'infinity')),
            ('invited', invited_at, coalesce(registered_at, 'infinity')),
            ('registered', registered_at, 'infinity')
        ) AS span (stage, lo, hi) WHERE lo < hi
    ), segmented AS (
        SELECT account_id AS id, value AS segment, coalesce(lag(valid_until) OVER past,
                   '-infinity') AS lo, valid_until AS hi
        FROM customers_accountfact WHERE kind = 'segment'
        WINDOW past AS (PARTITION BY account_id ORDER BY valid_until)
        UNION ALL
        SELECT id, segment, coalesce((
            SELECT max(valid_until) FROM customers_accountfact AS past
            WHERE past.account_id = candidate.id AND kind = 'segment'), '-infinity'),
            'infinity'
        FROM candidate
    ), occasion AS (
        SELECT account_id AS id, min(occurred_at) AS at FROM journal_event
        WHERE kind = 'ordered' AND corrects IS NULL
          AND occurred_at BETWEEN %(first)s - %(looking_back)s AND %(last)s
          AND account_id IN (SELECT id FROM candidate)
        GROUP BY account_id, date_trunc('day', occurred_at AT TIME ZONE %(zone)s)
    ), gap AS (
        SELECT id, at, coalesce(lead(at) OVER own, 'infinity') AS following,
               at - lag(at) OVER own AS one,
               lag(at) OVER own - lag(at, 2) OVER own AS two,
               lag(at, 2) OVER own - lag(at, 3) OVER own AS three
        FROM occasion WINDOW own AS (PARTITION BY id ORDER BY at)
    ), usual AS (
        SELECT *, CASE
            WHEN three IS NULL THEN (one + two) / 2
            ELSE greatest(least(one, two), least(greatest(one, two), three))
            END AS days FROM gap
    ), told AS (
        SELECT id, '-infinity'::timestamptz AS lo, 'none' AS rhythm FROM candidate
        UNION ALL
        SELECT id, at, CASE
            WHEN days IS NULL THEN 'short'
            WHEN days <= interval '10 days' THEN 'weekly'
            WHEN days <= interval '21 days' THEN 'fortnightly'
            WHEN days <= interval '45 days' THEN 'monthly'
            WHEN days <= interval '120 days' THEN 'quarterly'
            ELSE 'rarely' END FROM usual
        UNION ALL
        SELECT id, at + %(silent)s, 'none' FROM usual
        WHERE following > at + %(silent)s
    ), turned AS (
        SELECT *, lag(rhythm) OVER (PARTITION BY id ORDER BY lo) AS before FROM told
    ), rhythmic AS (
        SELECT id, rhythm, lo, coalesce(lead(lo) OVER (PARTITION BY id ORDER BY lo),
                   'infinity') AS hi
        FROM turned WHERE before IS DISTINCT FROM rhythm
    ), standing AS MATERIALIZED (
        SELECT candidate.id, stage, segmented.segment, rhythm, ends, free_until,
               greatest(staged.lo, segmented.lo, rhythmic.lo, allowed.lo) AS lo,
               least(staged.hi, segmented.hi, rhythmic.hi, allowed.hi, ends) AS hi
        FROM candidate JOIN staged USING (id) JOIN rhythmic USING (id)
        JOIN segmented USING (id) JOIN allowed USING (id)
        WHERE greatest(staged.lo, segmented.lo, rhythmic.lo, allowed.lo)
            < least(staged.hi, segmented.hi, rhythmic.hi, allowed.hi, ends)
    ), matched AS MATERIALIZED (
        SELECT trained.at, stage, segment, rhythm, account_id
        FROM trained JOIN standing ON standing.id = trained.account_id
         AND trained.at >= lo AND trained.at < hi
    ), probe AS MATERIALIZED (
        SELECT DISTINCT at, stage, segment, rhythm FROM matched
    ), free AS MATERIALIZED (
        SELECT id, stage, segment, rhythm, lo, least(hi, free_until) AS hi,
               greatest(lo, ends - %(window)s) AS soon
        FROM standing WHERE lo < least(hi, free_until)
          AND (stage, segment, rhythm) IN (SELECT stage, segment, rhythm FROM probe)
    )
"""  # noqa: S608 - constants of ours

# `soon`: from then on its first online order lies within the window.
_STRATA = f"""
    WITH {_SPANS}, turn AS (
        SELECT stage, segment, rhythm, lo AS at, 1 AS others, 0 AS ordered FROM free
        UNION ALL
        SELECT stage, segment, rhythm, hi, -1, 0 FROM free
        UNION ALL
        SELECT stage, segment, rhythm, soon, 0, 1 FROM free WHERE soon < hi
        UNION ALL
        SELECT stage, segment, rhythm, hi, 0, -1 FROM free WHERE soon < hi
        UNION ALL
        SELECT stage, segment, rhythm, at, 0, 0 FROM probe
    ), counted AS (
        SELECT DISTINCT stage, segment, rhythm, at, sum(others) OVER run AS others,
               sum(ordered) OVER run AS ordered
        FROM turn WINDOW run AS (PARTITION BY stage, segment, rhythm ORDER BY at)
    ), companies AS MATERIALIZED (
        SELECT DISTINCT id FROM free WHERE EXISTS (
            SELECT FROM probe WHERE probe.stage = free.stage
              AND probe.segment = free.segment AND probe.rhythm = free.rhythm
              AND probe.at >= free.lo AND probe.at < free.hi)
    )
    SELECT at, stage, segment, rhythm, array_agg(account_id), min(others),
           min(counted.ordered), (SELECT count(*) FROM companies)
    FROM matched JOIN counted USING (at, stage, segment, rhythm)
    GROUP BY at, stage, segment, rhythm
"""  # noqa: S608 - constants of this module

_LIKE = f"""
    WITH {_SPANS}
    SELECT account.id, account.number, account.name, met.stage, met.segment,
           met.rhythm, met.ordered, progress.online_first
    FROM (
        SELECT DISTINCT ON (free.id) free.id, free.stage, free.segment, free.rhythm,
               bool_or(probe.at >= soon) OVER (PARTITION BY free.id) AS ordered
        FROM free JOIN probe USING (stage, segment, rhythm)
        WHERE probe.at >= free.lo AND probe.at < free.hi
        ORDER BY free.id, probe.at
    ) AS met
    JOIN customers_account AS account USING (id)
    LEFT JOIN journal_accountprogress AS progress ON progress.account_id = account.id
    ORDER BY account.number_key
"""  # noqa: S608 - constants of this module


@dataclass(frozen=True, slots=True)
class Alike:
    """At one start: the trained that stood so, and how many others did and ordered."""

    at: datetime
    standing: Standing
    trained: Sequence[int]
    others: int
    ordered: int


@dataclass(frozen=True, slots=True)
class Other:
    """A like company, as it stood when it was first set beside a trained one."""

    account_id: int
    number: str
    name: str
    standing: Standing
    ordered: bool
    online_first: datetime | None
    came_at: datetime | None = None


def alike(trained: Sequence[tuple[int, datetime]]) -> tuple[list[Alike], int]:
    """For (account, start): the groups, and how many other companies are in them all.

    One statement. Who stood in no group that could be told is in none.
    """
    rows = _ask(_STRATA, trained)
    found = [
        Alike(at, Standing(stage, segment, rhythm), ids, int(others), int(ordered))
        for at, stage, segment, rhythm, ids, others, ordered, _all in rows
    ]
    return found, rows[0][-1] if rows else 0


def others(trained: Sequence[tuple[int, datetime]]) -> list[Other]:
    """The companies that `alike` counts, each once. One statement."""
    return [
        Other(pk, number, name, Standing(stage, segment, rhythm), ordered, first)
        for pk, number, name, stage, segment, rhythm, ordered, first in _ask(
            _LIKE, trained
        )
    ]


def _ask(
    statement: str, trained: Sequence[tuple[int, datetime]]
) -> Sequence[tuple[Any, ...]]:
    if not trained:
        return []
    times = [at for _account, at in trained]
    values: dict[str, Any] = {
        "trained": [account for account, _at in trained],
        "times": times,
        "first": min(times),
        "last": max(times),
        "window": WINDOW,
        "looking_back": LOOKING_BACK,
        "silent": SILENT,
        "kind": TRAINED,
        "zone": settings.TIME_ZONE,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
