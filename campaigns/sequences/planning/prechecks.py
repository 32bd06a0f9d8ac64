"""What keeps a campaign from being started, said before anything happens."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.messages import problems as message_problems
from campaigns.sequences import goals, touchpoints
from campaigns.sequences.audiences import audience, conditions
from campaigns.sequences.models import Campaign, Step


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend, as a sentence; ``step`` where it is about one."""

    code: str
    sentence: str
    step: Step | None = None

    def __str__(self) -> str:
        return self.sentence


def find(
    campaign: Campaign, steps: Sequence[Step], found: audience.Count | None
) -> list[Problem]:
    """All that is wrong with a plan of *steps* for the audience counted as *found*."""
    return [
        *_in_frame(campaign),
        *_in_steps(steps),
        *_in_audience(campaign, found),
    ]


def count(
    campaign: Campaign, steps: Sequence[Step], at: datetime
) -> audience.Count | None:
    """The audience now; None when its conditions cannot be read."""
    if conditions.problems(campaign.audience):
        return None
    service = bool(steps) and all(step.message.purpose == "service" for step in steps)
    goal = campaign.goal if goals.find(campaign.goal) else ""
    return audience.count(campaign.audience, at, goal=goal, service=service)


def _in_frame(campaign: Campaign) -> Iterator[Problem]:
    if goals.find(campaign.goal) is None:
        yield Problem("no_goal", _("Choose what the campaign should achieve."))


def _in_steps(steps: Sequence[Step]) -> Iterator[Problem]:
    if not steps:
        yield Problem("no_steps", _("Add at least one step with a message."))
    for step in steps:
        if step.anchor and step.anchor not in touchpoints.anchors():
            sentence = _("What it is reckoned from does not exist here any more.")
            yield _about(step, "bad_anchor", sentence)
        for sentence in conditions.problems(step.only_if):
            yield _about(step, "bad_condition", sentence)
        yield from in_texts([step])


def in_texts(steps: Iterable[Step]) -> Iterator[Problem]:
    """What is wrong with the messages of *steps* as they read now."""
    for step in steps:
        for problem in message_problems.find(step.message):
            yield about_text(step, problem.sentence)


def about_text(step: Step, sentence: str) -> Problem:
    return _about(step, "bad_message", sentence)


def _about(step: Step, code: str, sentence: str) -> Problem:
    told = _("Step “%(step)s”: %(problem)s")
    return Problem(code, told % {"step": step, "problem": sentence}, step)


def _in_audience(campaign: Campaign, found: audience.Count | None) -> Iterator[Problem]:
    for sentence in conditions.problems(campaign.audience):
        yield Problem("bad_audience", sentence)
    if found is None or campaign.entry:
        return
    if not found.buyers:
        yield Problem("nobody", _("Nobody is in the audience. Widen its conditions."))
    elif not found.reachable:
        yield Problem(
            "nobody_reachable",
            _("Nobody in the audience would get a message. See why under “Audience”."),
        )
