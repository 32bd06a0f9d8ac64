"""Who would get what and when, by the same schedule that the sender follows.

It looks ahead from one instant as if nothing happened meanwhile: who registers or
orders before a step is due will not get what is foretold here. A step that waits for a
moment of a buyer's own is foretold where that is known today, such as the start of a
session that she has booked; where it is not, neither is what follows from it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Value
from django.db.models.functions import Coalesce, NullIf

from accounts.customers.models import Buyer
from campaigns.sequences import reasons, schedule, turns
from campaigns.sequences.audiences import audience, conditions
from campaigns.sequences.models import Campaign, Step
from campaigns.sequences.schedule import Place

from . import ahead
from .ahead import Moments

NOTHING_KNOWN: Moments = {}
#: The zone in which a buyer's clock runs: her own, else her company's.
ZONE = Coalesce(NullIf("time_zone", Value("")), "account__time_zone")


@dataclass(frozen=True, slots=True)
class Due:
    """One step for one buyer: the instant, and what the clock shows where she is.

    Without an instant it waits for a moment that is not known yet.
    """

    step: Step
    at: datetime | None
    local: str
    zone: str
    #: Whether the step's own conditions hold today; None where it has none.
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one buyer would get; *reason* says why she would get nothing at all."""

    buyer: Buyer
    reason: str
    dues: tuple[Due, ...]

    @property
    def label(self) -> str:
        return reasons.label(self.reason) if self.reason else ""


@dataclass(frozen=True, slots=True)
class Wave:
    """Those who get every step at the same time."""

    zone: str
    buyers: int
    dues: tuple[Due, ...]


def begins(campaign: Campaign, at: datetime) -> datetime:
    """The instant from which the first step is reckoned, were it started at *at*."""
    return max(at, campaign.starts_at or at)


def dues_at(
    place: Place,
    steps: Sequence[Step],
    begin: datetime,
    moments: Moments = NOTHING_KNOWN,
) -> list[datetime | None]:
    """When each of *steps* is due at *place*; None while nobody knows."""
    found: list[datetime | None] = []
    for step in steps:
        if step.anchor:
            found.append(_anchored(step, begin, moments.get(step.anchor)))
        elif not found:
            found.append(schedule.first_due(turns.rule_of(step), place, at=begin))
        else:
            found.append(_following(step, place, found[-1]))
    return found


def _anchored(step: Step, begin: datetime, moment: datetime | None) -> datetime | None:
    """What is due already goes out at the start; what is too late for that, never."""
    if moment is None:
        return None
    due = moment + timedelta(minutes=step.anchor_minutes)
    return max(due, begin) if begin <= due + turns.patience(step) else None


def _following(step: Step, place: Place, before: datetime | None) -> datetime | None:
    if before is None:
        return None
    return schedule.next_due(turns.rule_of(step), place, after=before)


def is_service(steps: Sequence[Step]) -> bool:
    """Whether nothing but service messages go out, which need no permission."""
    return bool(steps) and all(step.message.purpose == "service" for step in steps)


def of(
    campaign: Campaign, steps: Sequence[Step], people: Collection[Buyer], at: datetime
) -> list[Forecast]:
    """One forecast per buyer; one query, and one for each step with conditions and
    for each moment that steps wait for."""
    ids = [buyer.pk for buyer in people]
    why = audience.reasons_of(
        campaign.audience, at, ids, goal=campaign.goal, service=is_service(steps)
    )
    known = ahead.moments(steps, ids, at)
    holding = {step.pk: _holding(step, ids, at) for step in steps if step.only_if}
    begin = begins(campaign, at)
    return [
        Forecast(
            buyer,
            why.get(buyer.pk, ""),
            tuple(
                _dues(buyer, steps, begin, holding, known.get(buyer.pk, NOTHING_KNOWN))
            ),
        )
        for buyer in people
    ]


def place_of(buyer: Buyer) -> Place:
    return Place(buyer.time_zone or buyer.account.time_zone, buyer.account.country)


def _dues(
    buyer: Buyer,
    steps: Sequence[Step],
    begin: datetime,
    holding: Mapping[int, Collection[int]],
    moments: Moments,
) -> Iterable[Due]:
    place = place_of(buyer)
    for step, due in zip(steps, dues_at(place, steps, begin, moments), strict=True):
        holds = buyer.pk in holding[step.pk] if step.pk in holding else None
        yield Due(step, due, _local(due, place.zone), place.zone, holds)


def _local(due: datetime | None, zone: str) -> str:
    return schedule.wall_clock(due, zone) if due else ""


def _holding(step: Step, ids: Collection[int], at: datetime) -> Collection[int]:
    asked = conditions.q(step.only_if, at)
    return set(Buyer.objects.filter(asked, pk__in=ids).values_list("pk", flat=True))


def waves(campaign: Campaign, steps: Sequence[Step], at: datetime) -> list[Wave]:
    """Who gets the messages, by the hour at which she is written to, in one query.

    A campaign that takes in who books, say, is told for those who have; one more.
    Moments of their own differ from buyer to buyer, and are told of each (`of`).
    """
    service = is_service(steps)
    counted: dict[tuple[str, tuple[datetime | None, ...]], int] = defaultdict(int)
    begin = begins(campaign, at)
    people = audience.members(
        campaign.audience,
        at,
        reason="",
        goal=campaign.goal,
        service=service,
    ).order_by()
    if (entrants := ahead.entrants(campaign.entry, at)) is not None:
        people = people.filter(pk__in=entrants)
    rows = people.annotate(zone=ZONE).values_list("zone", "account__country")
    for zone, country, number in rows.annotate(number=Count("pk")):
        dues = dues_at(Place(zone, country), steps, begin)
        counted[zone, tuple(dues)] += number
    found = [
        Wave(zone, number, tuple(_named(steps, dues, zone)))
        for (zone, dues), number in counted.items()
    ]
    return sorted(found, key=lambda wave: -wave.buyers)


def _named(
    steps: Sequence[Step], dues: Sequence[datetime | None], zone: str
) -> Iterable[Due]:
    for step, due in zip(steps, dues, strict=True):
        yield Due(step, due, _local(due, zone), zone)
