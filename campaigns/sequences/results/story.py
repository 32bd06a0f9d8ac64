"""One buyer's story in one campaign: each step, what became of it, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.customers.models import Buyer
from campaigns.sequences import reasons, schedule, turns
from campaigns.sequences.audiences import audience, conditions
from campaigns.sequences.models import Attempt, Campaign, Delivery, Enrolment, Step
from campaigns.sequences.planning import forecast
from campaigns.sequences.results import progress
from campaigns.sequences.results.reached import Reached, by_whom


@dataclass(frozen=True, slots=True)
class Chapter:
    """One step: its message if there is one, else when it would be due."""

    step: Step
    delivery: Delivery | None
    attempts: tuple[Attempt, ...]
    local: str
    zone: str
    #: Of a step that has not come yet: do its conditions hold for her today?
    holds: bool | None = None

    @property
    def reason(self) -> str:
        return reasons.label(self.delivery.reason) if self.delivery else ""

    @property
    def asked(self) -> list[str]:
        """The step's own conditions, as people read them."""
        return conditions.describe(self.step.only_if)

    @property
    def part(self) -> str:
        return progress.part_of(self.delivery.state) if self.delivery else ""


@dataclass(frozen=True, slots=True)
class Story:
    """``outside`` says why she was never enrolled; empty when she was, or unknown."""

    enrolment: Enrolment | None
    chapters: tuple[Chapter, ...]
    outside: str = ""
    #: Which of the campaign's conditions do not hold for her today.
    unmet: tuple[str, ...] = ()
    #: Who reached the goal and when, where that is why she gets nothing more.
    reached: Reached | None = None

    @property
    def exit_reason(self) -> str:
        left = self.enrolment.exit_reason if self.enrolment else ""
        return reasons.label(left) if left else ""

    @property
    def outside_label(self) -> str:
        return reasons.label(self.outside)


def tell(campaign: Campaign, buyer: Buyer, at: datetime) -> Story:
    """At most six queries, two more where the goal was reached, and one for each step
    to come that has conditions; of a stranger, one for each of the campaign's."""
    enrolment = campaign.enrolments.filter(buyer=buyer).first()
    if enrolment is None:
        why = audience.reasons_of(campaign.audience, at, [buyer.pk]).get(buyer.pk)
        unmet = _unmet(campaign.audience, buyer, at) if why is None else ()
        return Story(None, (), outside=_outside(why), unmet=unmet)
    steps = list(enrolment.version.steps.select_related("message", "message_version"))
    sent = {row.step_id: row for row in _deliveries(enrolment)}
    coming = _coming(enrolment, steps, buyer)
    chapters = tuple(
        _past(step, sent[step.pk])
        if step.pk in sent
        else _future(step, coming.get(step.pk), buyer, at)
        for step in steps
    )
    whys = {enrolment.exit_reason, *(row.reason for row in sent.values())}
    over = "goal_reached" in whys
    reached = by_whom(campaign.goal, buyer) if over else None
    return Story(enrolment, chapters, reached=reached)


def _outside(why: str | None) -> str:
    """A slug of `reasons`, or that she was not asked for, or came too late."""
    if why is None:
        return "not_matching"
    return why or "came_later"


def _unmet(rule: conditions.Rule, buyer: Buyer, at: datetime) -> tuple[str, ...]:
    """One query for each condition."""
    alone = [conditions.make([line]) for line in conditions.rows(rule)]
    mine = Buyer.objects.filter(pk=buyer.pk)
    unmet = [one for one in alone if not mine.filter(conditions.q(one, at)).exists()]
    return tuple(text for one in unmet for text in conditions.describe(one))


def _deliveries(enrolment: Enrolment) -> Iterable[Delivery]:
    return (
        enrolment.deliveries.select_related("settled_by", "message_version")
        .prefetch_related("tries")
        .order_by("pk")
    )


def _coming(
    enrolment: Enrolment, steps: Sequence[Step], buyer: Buyer
) -> dict[int, datetime]:
    """When the steps still to come are due, reckoned from the next one's time."""
    if enrolment.due_at is None:
        return {}
    place = forecast.place_of(buyer)
    found: dict[int, datetime] = {}
    due = enrolment.due_at
    for step in steps[enrolment.position :]:
        if found and step.anchor:
            break  # nobody knows yet
        if found:
            due = schedule.next_due(turns.rule_of(step), place, after=due)
        found[step.pk] = due
    return found


def _past(step: Step, delivery: Delivery) -> Chapter:
    tries = tuple(sorted(delivery.tries.all(), key=lambda one: one.number))
    return Chapter(step, delivery, tries, delivery.local_due, delivery.zone)


def _future(step: Step, due: datetime | None, buyer: Buyer, at: datetime) -> Chapter:
    zone = forecast.place_of(buyer).zone
    local = schedule.wall_clock(due, zone) if due else ""
    return Chapter(step, None, (), local, zone, _holds(step, buyer, at))


def _holds(step: Step, buyer: Buyer, at: datetime) -> bool | None:
    if not step.only_if:
        return None
    asked = conditions.q(step.only_if, at)
    return Buyer.objects.filter(asked, pk=buyer.pk).exists()
