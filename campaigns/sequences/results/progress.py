"""How a campaign stands, in figures that add up: read only, frozen, set-based.

planned = sent + not sent + failed + unknown + open, for the whole and for each step.
Each figure grows with the campaign's deliveries, which the index by campaign finds.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from campaigns.sequences import reasons
from campaigns.sequences.audiences import conditions
from campaigns.sequences.models import Campaign, Delivery, Enrolment, Step

State = Delivery.State
FINISHED = "finished"

#: Longer than this after its time, a message that is not on its way is overdue.
OVERDUE = timedelta(minutes=5)

#: The parts of the sum as people read them, and the states each is made of.
PARTS: Mapping[str, tuple[str, ...]] = {
    "sent": (State.SENT,),
    "skipped": (State.SKIPPED,),
    "failed": (State.FAILED,),
    "unknown": (State.UNKNOWN,),
    "open": tuple(Delivery.OPEN),
}
PART_LABELS: Mapping[str, str | Promise] = {
    "sent": pgettext_lazy("messages", "Sent"),
    "skipped": pgettext_lazy("messages", "Not sent"),
    "failed": pgettext_lazy("messages", "Failed"),
    "unknown": pgettext_lazy("messages", "Unknown"),
    "open": pgettext_lazy("messages", "Open"),
}
_PART_OF = {state: part for part, states in PARTS.items() for state in states}


def part_of(state: str) -> str:
    """To which part of the sum a delivery in *state* belongs."""
    return _PART_OF[state]


@dataclass(frozen=True, slots=True)
class Sum:
    """One sum; the parts are disjoint and make up the whole."""

    sent: int = 0
    skipped: int = 0
    failed: int = 0
    unknown: int = 0
    open: int = 0

    @property
    def planned(self) -> int:
        return self.sent + self.skipped + self.failed + self.unknown + self.open

    @property
    def parts(self) -> list[tuple[str, str | Promise, int]]:
        return [(name, PART_LABELS[name], getattr(self, name)) for name in PARTS]


@dataclass(frozen=True, slots=True)
class Because:
    """So many messages ended in *part* for one reason."""

    part: str
    reason: str
    number: int

    @property
    def label(self) -> str:
        return reasons.label(self.reason)


@dataclass(frozen=True, slots=True)
class StepOutcome:
    step: Step
    sum: Sum
    because: tuple[Because, ...]
    #: Enrolments that wait for this step, and when the first of them is due.
    waiting: int = 0
    next_due: datetime | None = None

    @property
    def asked(self) -> list[str]:
        """The step's own conditions, as people read them."""
        return conditions.describe(self.step.only_if)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a whole campaign stands at one instant."""

    sum: Sum
    because: tuple[Because, ...]
    steps: tuple[StepOutcome, ...]
    enrolled: int
    under_way: int
    finished: int
    left: tuple[Because, ...]
    next_due: datetime | None
    overdue: int

    @property
    def exited(self) -> int:
        return sum(part.number for part in self.left)

    @property
    def is_done(self) -> bool:
        """Nobody is under way and no fate is open: *finished* is a question."""
        return not (self.under_way or self.sum.open or self.sum.unknown)


def standing(campaign: Campaign, is_done: bool) -> str:
    """The campaign's state as people speak of it: a running one may be finished."""
    if campaign.state == Campaign.State.RUNNING and is_done:
        return FINISHED
    return str(campaign.state)


def standing_label(campaign: Campaign, is_done: bool) -> str | Promise:
    if standing(campaign, is_done) == FINISHED:
        return _("Finished")
    return Campaign.State(campaign.state).label


@dataclass(slots=True)
class _Tally:
    parts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    because: dict[tuple[str, str], int] = field(
        default_factory=lambda: defaultdict(int)
    )

    def add(self, state: str, reason: str, number: int) -> None:
        part = _PART_OF[state]
        self.parts[part] += number
        if reason and part in ("skipped", "failed", "unknown"):
            self.because[part, reason] += number

    def sum(self) -> Sum:
        return Sum(**self.parts)

    def reasons(self) -> tuple[Because, ...]:
        found = (Because(*key, number) for key, number in self.because.items())
        return tuple(sorted(found, key=lambda one: -one.number))


def outcome(campaign: Campaign, at: datetime) -> Outcome:
    """Four queries, whatever the size of the campaign."""
    whole, by_step = _deliveries(campaign)
    enrolments = list(
        Enrolment.objects.filter(campaign=campaign)
        .values("state", "exit_reason", "position")
        .annotate(number=Count("pk"), first=Min("due_at"))
        .order_by()
    )
    steps = Step.objects.filter(version__campaign=campaign).select_related("message")
    return Outcome(
        sum=whole.sum(),
        because=whole.reasons(),
        steps=tuple(_steps(steps, by_step, enrolments)),
        next_due=_next_due(campaign, enrolments),
        overdue=campaign.deliveries.overdue(at - OVERDUE).count(),
        **_enrolled(enrolments),
    )


def _deliveries(campaign: Campaign) -> tuple[_Tally, dict[int | None, _Tally]]:
    whole, by_step = _Tally(), defaultdict[int | None, _Tally](_Tally)
    rows = campaign.deliveries.values_list("step", "state", "reason")
    for step, state, reason, number in rows.annotate(n=Count("pk")).order_by():
        whole.add(state, reason, number)
        by_step[step].add(state, reason, number)
    return whole, by_step


def _steps(
    steps: Iterable[Step],
    tallies: Mapping[int | None, _Tally],
    enrolments: Collection[Mapping[str, Any]],
) -> Iterable[StepOutcome]:
    waiting = {
        row["position"]: row
        for row in enrolments
        if row["state"] == Enrolment.State.ACTIVE
    }
    for place, step in enumerate(steps):
        tally = tallies.get(step.pk, _Tally())
        due = waiting.get(place, {"number": 0, "first": None})
        yield StepOutcome(
            step, tally.sum(), tally.reasons(), due["number"], due["first"]
        )


def _enrolled(rows: Collection[Mapping[str, Any]]) -> dict[str, Any]:
    by_state: dict[str, int] = defaultdict(int)
    left: dict[str, int] = defaultdict(int)
    for row in rows:
        by_state[row["state"]] += row["number"]
        if row["state"] == Enrolment.State.EXITED:
            left[row["exit_reason"]] += row["number"]
    return {
        "enrolled": sum(by_state.values()),
        "under_way": by_state[Enrolment.State.ACTIVE],
        "finished": by_state[Enrolment.State.FINISHED],
        "left": tuple(Because("exited", *one) for one in sorted(left.items())),
    }


def _next_due(
    campaign: Campaign, rows: Collection[Mapping[str, Any]]
) -> datetime | None:
    """The next message to go out: planned already, or of a step to come."""
    times = [campaign.queue.aggregate(first=Min("due_at"))["first"]]
    times += [row["first"] for row in rows]
    return min((time for time in times if time), default=None)


@dataclass(frozen=True, slots=True)
class Line:
    """A campaign in the list of campaigns."""

    sum: Sum
    enrolled: int
    under_way: int
    next_due: datetime | None

    @property
    def is_done(self) -> bool:
        return not (self.under_way or self.sum.open or self.sum.unknown)


def lines(campaigns: Collection[int]) -> dict[int, Line]:
    """The figures of a page of campaigns, in two queries for all of them."""
    tallies = defaultdict[int | None, _Tally](_Tally)
    due: dict[int | None, list[datetime | None]] = defaultdict(list)
    sent = Delivery.objects.filter(campaign__in=campaigns).values_list(
        "campaign", "state"
    )
    for key, state, number, first in sent.annotate(
        n=Count("pk"), first=Min("due_at")
    ).order_by():
        tallies[key].add(state, "", number)
        if state == State.PLANNED:
            due[key].append(first)
    enrolled: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    people = Enrolment.objects.filter(campaign__in=campaigns).values_list(
        "campaign", "state"
    )
    for key, state, number, first in people.annotate(
        n=Count("pk"), first=Min("due_at")
    ).order_by():
        enrolled[key][state] += number
        due[key].append(first)
    return {
        key: Line(
            tallies[key].sum(),
            sum(enrolled[key].values()),
            enrolled[key][Enrolment.State.ACTIVE],
            min((time for time in due[key] if time), default=None),
        )
        for key in campaigns
    }
