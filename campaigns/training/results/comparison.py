"""Trained companies beside like ones not trained: alike in three things, at that time.

A company trained by a session is set beside all that might order online then, had not
ordered online by that session's start, stood then at the same stage, in the same
segment and in the same rhythm of ordering (`standing`), and were not trained until its
window of `scope.WINDOW` had passed. What is compared is a first online order within
that window. Only sessions whose window has passed count.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from . import standing
from .intervals import FEWEST, Interval, Z, share
from .rows import Row
from .scope import WINDOW
from .standing import Alike, Standing


@dataclass(frozen=True, slots=True)
class Stratum:
    """Like with like: how many trained and others there are, how many ordered."""

    trained: int
    ordered: int
    others: int
    others_ordered: int


@dataclass(frozen=True, slots=True)
class Groups:
    """Who is compared: each trained company's standing; who has no like, who waits."""

    compared: Mapping[int, Standing]
    unlike: frozenset[int]
    pending: frozenset[int]


@dataclass(frozen=True, slots=True)
class Comparison:
    """``difference`` and ``interval`` are in shares; None where nothing can be said.

    ``others`` counts each company once, though it may be like several trained ones.
    ``unlike`` are trained companies without any like one: they are left out.
    ``pending`` are those whose window is still open.
    """

    trained: int
    ordered: int
    others: int
    others_rate: float | None
    difference: float | None
    interval: Interval | None
    groups: Groups

    @property
    def unlike(self) -> int:
        return len(self.groups.unlike)

    @property
    def pending(self) -> int:
        return len(self.groups.pending)

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
    """The rows are read already; one statement for the others."""
    over, pending = _parted(rows, at)
    found, companies = standing.alike(_starts(over))
    like = [one for one in found if one.others]
    groups = _groups(over, pending, like)
    activated = {row.account_id for row in over if row.activated}
    return _sum([_stratum(one, activated) for one in like], companies, groups)


def others(rows: Sequence[Row], at: datetime) -> list[standing.Other]:
    """The names of the companies that the trained are set beside."""
    over, _pending = _parted(rows, at)
    return standing.others(_starts(over))


def _parted(rows: Iterable[Row], at: datetime) -> tuple[list[Row], list[Row]]:
    """Who was new to online orders when it came: whose window is over, whose open."""
    new = [
        row for row in rows if row.came_at and not row.ordered_before and row.eligible
    ]
    over = [row for row in new if row.came_at and row.came_at + WINDOW <= at]
    return over, [row for row in new if row.came_at and row.came_at + WINDOW > at]


def _starts(rows: Iterable[Row]) -> list[tuple[int, datetime]]:
    return [(row.account_id, row.came_at) for row in rows if row.came_at]


def _groups(
    over: Iterable[Row], pending: Iterable[Row], like: Iterable[Alike]
) -> Groups:
    compared = {account: one.standing for one in like for account in one.trained}
    return Groups(
        compared,
        frozenset(row.account_id for row in over) - compared.keys(),
        frozenset(row.account_id for row in pending),
    )


def _stratum(one: Alike, activated: set[int]) -> Stratum:
    ordered = sum(account in activated for account in one.trained)
    return Stratum(len(one.trained), ordered, one.others, one.ordered)


def _sum(strata: Sequence[Stratum], companies: int, groups: Groups) -> Comparison:
    trained = sum(one.trained for one in strata)
    difference, interval = mantel_haenszel(strata)
    return Comparison(
        trained=trained,
        ordered=sum(one.ordered for one in strata),
        others=companies,
        others_rate=_standardised(strata, trained),
        difference=difference,
        interval=interval,
        groups=groups,
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
