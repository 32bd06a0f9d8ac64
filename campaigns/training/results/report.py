"""The report as small frozen objects: page, file and tests read the same ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from . import said
from .comparison import Comparison, compare
from .rows import Row, read
from .said import Said
from .scope import Scope

Label = str | Promise
Test = Callable[[Row, datetime], bool]

#: slug → what it is called, and which companies it counts.
LISTS: Mapping[str, tuple[Label, Test]] = {
    "told": (_("Told of it, or booked"), lambda row, at: row.told or row.booked),
    "booked": (pgettext_lazy("of people", "Booked"), lambda row, at: row.booked),
    "attended": (pgettext_lazy("of people", "Attended"), lambda row, at: row.attended),
    "ordered": (
        _("First online order afterwards"),
        lambda row, at: row.attended and row.ordered_after,
    ),
    "regular": (
        _("Regular by now"),
        lambda row, at: row.attended and row.ordered_after and row.is_regular(at),
    ),
    "before": (
        _("Had ordered online before"),
        lambda row, at: row.attended and row.ordered_before,
    ),
    "possible": (_("Still has time"), lambda row, at: row.has_time(at)),
    "absent": (
        pgettext_lazy("of people", "Did not turn up"),
        lambda row, at: row.absent and not row.attended,
    ),
    "activated": (
        _("First online order within the window"),
        lambda row, at: row.attended and row.activated,
    ),
    "barred": (
        _("May not order online now, left out of the funnel"),
        lambda row, at: row.told or row.booked,
    ),
}
#: Who may not order online leaves funnel and costs, and is told apart. What is compared
#: is how each stood then.
BARRED = "barred"
FUNNEL = ("told", "booked", "attended", "ordered", "regular")
BESIDE = ("before", "possible", "absent", BARRED)


@dataclass(frozen=True, slots=True)
class Number:
    slug: str
    label: Label
    count: int
    of_first: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What the sessions cost, and per company that began to order; by currency."""

    currency: str
    total: Decimal
    each: Decimal | None
    without: int


@dataclass(frozen=True, slots=True)
class Report:
    scope: Scope
    sessions: int
    funnel: Sequence[Number]
    beside: Sequence[Number]
    comparison: Comparison
    costs: Sequence[Cost]
    said: Said


def report(scope: Scope) -> Report:
    """Seven statements, whatever there is to tell."""
    rows = read(scope)
    return Report(
        scope=scope,
        sessions=scope.sessions().count(),
        funnel=[_number(slug, rows, scope) for slug in FUNNEL],
        beside=[_number(slug, rows, scope) for slug in BESIDE],
        comparison=compare(rows, scope.at),
        costs=_costs(scope, len(of_list("activated", rows, scope))),
        said=said.of(scope),
    )


def of_list(slug: str, rows: Sequence[Row], scope: Scope) -> list[Row]:
    _label, test = LISTS[slug]
    asked = slug == BARRED
    return [row for row in rows if row.barred == asked and test(row, scope.at)]


def _number(slug: str, rows: Sequence[Row], scope: Scope) -> Number:
    count = len(of_list(slug, rows, scope))
    first = len(of_list(FUNNEL[0], rows, scope))
    return Number(slug, LISTS[slug][0], count, count / first if first else 0.0)


def _costs(scope: Scope, activated: int) -> list[Cost]:
    """Over sessions that name one; how many there are that do not."""
    sessions = scope.sessions().order_by()
    without = Count("pk", filter=Q(cost=None))
    found = sessions.values("currency").annotate(total=Sum("cost"), without=without)
    rows = list(found.order_by("currency"))
    silent = sum(row["without"] for row in rows)
    return [
        Cost(
            row["currency"],
            row["total"],
            row["total"] / activated if activated else None,
            silent,
        )
        for row in rows
        if row["total"] is not None
    ]
