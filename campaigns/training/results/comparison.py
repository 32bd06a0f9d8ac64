"""Trained companies beside like ones that were not: same stage and segment then.

A company trained by a session is set beside all that might order online, had not
ordered online by that session's start, stood at the same stage and in the same segment,
and were not trained until its window of `scope.WINDOW` had passed. What is compared is
a first online order within that window. Only sessions whose window has passed count.

The stage at that time follows from the times of registration and invitation; the
segment is today's, because its history is not kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Any

from django.db import connection

from campaigns.training.kinds import TRAINED

from .intervals import FEWEST, Interval, Z, share
from .rows import Row
from .scope import WINDOW

_LIKE = """
    SELECT t.at, account.segment,
           CASE WHEN progress.registered_at <= t.at THEN 'registered'
                WHEN progress.invited_at <= t.at THEN 'invited' ELSE 'none' END,
           count(*),
           count(*) FILTER (WHERE progress.online_first <= t.at + %(window)s)
    FROM unnest(%(times)s::timestamptz[]) AS t (at)
    CROSS JOIN customers_account AS account
    LEFT JOIN journal_accountprogress AS progress ON progress.account_id = account.id
    WHERE account.eligible
      AND (progress.online_first IS NULL OR progress.online_first > t.at)
      AND NOT EXISTS (
          SELECT FROM journal_kindprogress AS trained
          WHERE trained.account_id = account.id AND trained.kind = %(trained)s
            AND trained.first_at <= t.at + %(window)s)
    GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Like with like: how many trained and others there are, how many ordered."""

    trained: int
    ordered: int
    others: int
    others_ordered: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """``difference`` and ``interval`` are in shares; None where nothing can be said.

    ``unlike`` are trained companies without any like one: they are left out.
    ``pending`` are those whose window is still open.
    """

    trained: int
    ordered: int
    others: int
    others_rate: float | None
    difference: float | None
    interval: Interval | None
    unlike: int
    pending: int

    @property
    def rate(self) -> float | None:
        return self.ordered / self.trained if self.trained else None

    @property
    def own_interval(self) -> Interval | None:
        return share(self.ordered, self.trained)

    @property
    def too_few(self) -> bool:
        return self.trained < FEWEST or self.others < FEWEST or self.interval is None

    @property
    def tells(self) -> bool:
        return not self.too_few and self.interval is not None and self.interval.tells


def compare(rows: Sequence[Row], at: datetime) -> Comparison:
    """Two statements at most: the rows are read already, and one for the others."""
    new = [row for row in rows if row.came_at and not row.ordered_before]
    able = [row for row in new if row.eligible]
    over = [row for row in able if row.came_at and row.came_at + WINDOW <= at]
    strata, unlike = _strata(over)
    return _sum(strata, unlike=unlike, pending=len(able) - len(over))


def _strata(rows: Sequence[Row]) -> tuple[list[Stratum], int]:
    grouped: dict[tuple[datetime, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.came_at is not None:
            grouped[(row.came_at, row.segment, _stage(row))].append(row)
    others = _others({key[0] for key in grouped})
    found, unlike = [], 0
    for key, members in grouped.items():
        number, ordered = others.get(key, (0, 0))
        if number:
            activated = sum(row.activated for row in members)
            found.append(Stratum(len(members), activated, number, ordered))
        else:
            unlike += len(members)
    return found, unlike


def _stage(row: Row) -> str:
    at = row.came_at
    if at and row.registered_at and row.registered_at <= at:
        return "registered"
    return "invited" if at and row.invited_at and row.invited_at <= at else "none"


def _others(
    times: Iterable[datetime],
) -> dict[tuple[datetime, str, str], tuple[int, int]]:
    """How many like companies there were at each of *times*, and how many ordered."""
    values: dict[str, Any] = {
        "times": sorted(times),
        "window": WINDOW,
        "trained": TRAINED,
    }
    if not values["times"]:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LIKE, values)
        return {
            (at, segment, stage): (number, ordered)
            for at, segment, stage, number, ordered in cursor.fetchall()
        }


def _sum(strata: Sequence[Stratum], *, unlike: int, pending: int) -> Comparison:
    trained = sum(one.trained for one in strata)
    difference, interval = mantel_haenszel(strata)
    return Comparison(
        trained=trained,
        ordered=sum(one.ordered for one in strata),
        others=sum(one.others for one in strata),
        others_rate=_standardised(strata, trained),
        difference=difference,
        interval=interval,
        unlike=unlike,
        pending=pending,
    )


def _standardised(strata: Sequence[Stratum], trained: int) -> float | None:
    """The others' share, as if they were mixed as the trained are."""
    if not trained:
        return None
    return (
        sum(one.trained * one.others_ordered / one.others for one in strata) / trained
    )


def mantel_haenszel(
    strata: Sequence[Stratum],
) -> tuple[float | None, Interval | None]:
    """The common difference of shares over strata, and its 95 % interval.

    Weights of Mantel and Haenszel, variance of Greenland and Robins (Biometrics 41
    (1985), 55-68). Without variance, as where all or nobody ordered, no interval:
    such numbers tell nothing about the next company.
    """
    weight = sum(_weight(one) for one in strata)
    if not weight:
        return None, None
    difference = sum(_gain(one) * _weight(one) for one in strata) / weight
    variance = sum(_variance(one) for one in strata) / weight**2
    if variance <= 0:
        return difference, None
    reach = Z * sqrt(variance)
    return difference, Interval(
        max(difference - reach, -1.0), min(difference + reach, 1.0)
    )


def _weight(one: Stratum) -> float:
    return one.trained * one.others / (one.trained + one.others)


def _gain(one: Stratum) -> float:
    return one.ordered / one.trained - one.others_ordered / one.others


def _variance(one: Stratum) -> float:
    n1, n0 = one.trained, one.others
    a, c = one.ordered, one.others_ordered
    terms = a * (n1 - a) * n0**3 + c * (n0 - c) * n1**3
    return terms / (n1 * n0 * (n1 + n0) ** 2)
