"""What to do about a step that has come due: send, pass over, wait, or finish.

Decided once for everybody of the same version, step, time and place, not for each
buyer: a batch of thousands has a handful of such occasions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from campaigns.sequences import schedule
from campaigns.sequences.models import Step
from campaigns.sequences.schedule import Place, Rule

#: Whoever is later than this counts the days to the next step from now.
_ON_TIME = timedelta(hours=12)


class Action(StrEnum):
    SEND = "send"
    #: Too late, and its rule says to leave it out.
    LEAVE_OUT = "leave_out"
    #: Too late, and its rule says to send it at the next sending hour.
    WAIT = "wait"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class Occasion:
    version_id: int
    position: int
    due_at: datetime
    zone: str
    country: str

    @property
    def place(self) -> Place:
        return Place(self.zone, self.country)


@dataclass(frozen=True, slots=True)
class Turn:
    """What happens on an occasion; ``next_due`` None ends the sequence."""

    occasion: Occasion
    action: Action
    step: Step | None = None
    next_position: int = 0
    next_due: datetime | None = None
    not_after: datetime | None = None
    #: The next step waits for a moment of the buyer's own: `sending.anchors` says when.
    parks: bool = False


def decide(
    occasions: Iterable[Occasion],
    steps: Mapping[int, Sequence[Step]],
    at: datetime,
) -> list[Turn]:
    """One turn per occasion; *steps* are those of each version, in their order."""
    return [_decide(one, steps.get(one.version_id, ()), at) for one in occasions]


def rule_of(step: Step) -> Rule:
    return Rule(step.wait_days, step.send_at, step.working_days)


def _decide(occasion: Occasion, steps: Sequence[Step], at: datetime) -> Turn:
    if occasion.position >= len(steps):
        return Turn(occasion, Action.FINISH, next_position=occasion.position)
    step = steps[occasion.position]
    latest = occasion.due_at + patience(step)
    late = at > latest
    if late and step.late == Step.Late.SEND and not step.anchor:
        again = schedule.next_opening(rule_of(step), occasion.place, after=at)
        return Turn(
            occasion,
            Action.WAIT,
            step,
            next_position=occasion.position,
            next_due=again,
        )
    return Turn(
        occasion,
        Action.LEAVE_OUT if late else Action.SEND,
        step,
        next_position=occasion.position + 1,
        next_due=_next_due(occasion, steps, at),
        not_after=latest if step.late == Step.Late.SKIP or step.anchor else None,
        parks=_waits_for_a_moment(occasion.position + 1, steps),
    )


def patience(step: Step) -> timedelta:
    """How late it may be. What goes out before a moment never comes after it."""
    allowed = timedelta(hours=step.late_after_hours)
    if step.anchor and step.anchor_minutes < 0:
        return min(allowed, timedelta(minutes=-step.anchor_minutes))
    return allowed


def _waits_for_a_moment(position: int, steps: Sequence[Step]) -> bool:
    return position < len(steps) and bool(steps[position].anchor)


def _next_due(
    occasion: Occasion, steps: Sequence[Step], at: datetime
) -> datetime | None:
    following = occasion.position + 1
    if following >= len(steps) or steps[following].anchor:
        return None
    on_time = at - occasion.due_at <= _ON_TIME
    return schedule.next_due(
        rule_of(steps[following]),
        occasion.place,
        after=occasion.due_at if on_time else at,
    )


def shown(occasion: Occasion) -> str:
    """The wall-clock time of the occasion, where the buyer is."""
    return schedule.wall_clock(occasion.due_at, occasion.zone)
