"""Changes a campaign that runs or is paused: its name, its steps' texts and settings.

In place, on the steps that everybody under way goes through: what is planned later
reads them as they are then. Steps do not come, go or change places, so that a message
is planned once for each of them, before and after a change.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from hashlib import sha256
from typing import Any

from accounts.staff.models import User
from campaigns.messages import publish as messages
from campaigns.messages.models import MessageVersion
from campaigns.sequences import turns
from campaigns.sequences.models import Campaign, CampaignAct, Delivery, Queued, Step
from campaigns.sequences.planning import (
    drafts,
    prechecks,
    reach,
    standstill,
    waiting,
)
from campaigns.sequences.planning.prechecks import Problem
from campaigns.sequences.planning.reach import Reach

UNDER_WAY = (Campaign.State.RUNNING, Campaign.State.PAUSED)

#: What of a step can be changed, besides its text.
SETTINGS = (
    "name",
    "wait_days",
    "anchor_minutes",
    "send_at",
    "working_days",
    "only_if",
    "late_after_hours",
    "late",
)
#: Of these: by what the time of whoever waits for the step is reckoned.
_TIMES = {"wait_days", "send_at", "working_days"}

Before = Mapping[int, Mapping[str, Any]]


class NotUnderWay(Exception):
    """The campaign was stopped meanwhile, or does not run yet."""


class Overtaken(Exception):
    """Something was changed since the person looked."""


class CannotChange(Exception):
    """A text cannot go out as it is; ``problems`` say what to mend."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Revised:
    """A step with the values it shall have from now on.

    ``text`` is the version that shall go out, None to keep what goes out now; where
    ``planned_too``, also to those for whom the step is planned already.
    """

    step: Step
    text: MessageVersion | None = None
    planned_too: bool = False


def steps_of(campaign: Campaign) -> list[Step]:
    """In order, with all that is needed to compare what they say with the newest."""
    steps = drafts.steps_of(campaign).select_related(
        "message__brand", "message_version", "version__campaign"
    )
    return list(steps.prefetch_related("message__texts", "message_version__texts"))


def fingerprint(campaign: Campaign, steps: Sequence[Step]) -> str:
    """Changes when anybody changes the plan, or what one of its messages says."""
    texts = [
        [step.message_version_id, messages.digest_now(step.message).hex()]
        for step in steps
    ]
    whole = f"{drafts.fingerprint(campaign)}{texts}"
    return sha256(whole.encode()).hexdigest()[:16]


def publish(
    steps: Sequence[Step], by: User | None, at: datetime
) -> dict[int, MessageVersion]:
    """Step id → the newest text of its message, as a version that can go out.

    Raises `CannotChange`. To be called before `lock`: a text is tried in a process of
    its own, and nobody shall wait for that.
    """
    if found := list(prechecks.in_texts(steps)):
        raise CannotChange(found)
    # In one order for everybody: each publishing locks its message.
    ordered = sorted(steps, key=lambda step: step.message_id)
    return {step.pk: _publish(step, by, at) for step in ordered}


def _publish(step: Step, by: User | None, at: datetime) -> MessageVersion:
    try:
        return messages.publish(step.message, by, at)
    except messages.NotPublishable as hindered:
        found = [prechecks.about_text(step, str(one)) for one in hindered.problems]
        raise CannotChange(found) from hindered


def lock(campaign_id: int) -> Campaign:
    """The campaign, held against others until the transaction ends, while nobody plans
    anything by it."""
    standstill.hold()
    return check(Campaign.objects.select_for_update().get(pk=campaign_id))


def check(campaign: Campaign) -> Campaign:
    """The same, if it is one that can be changed."""
    if campaign.state not in UNDER_WAY:
        raise NotUnderWay
    return campaign


def values_of(step: Step) -> dict[str, Any]:
    return {name: getattr(step, name) for name in SETTINGS}


def apply(
    campaign: Campaign, revised: Sequence[Revised], by: User | None, at: datetime
) -> CampaignAct | None:
    """Store what differs and note it; None where nothing does. Wants `lock`.

    Raises `Overtaken` where a text is another one by now than was published for it.
    """
    stored = Campaign.objects.get(pk=campaign.pk)
    steps = steps_of(stored)
    deed = _Deed(stored, steps, reach.of(stored, steps), at)
    told = [one for wish in revised if (one := deed.revise(wish))]
    details: dict[str, Any] = {"steps": told} if told else {}
    if campaign.name != stored.name:
        details["name"] = [stored.name, campaign.name]
        Campaign.objects.filter(pk=stored.pk).update(name=campaign.name)
    if not details:
        return None
    return CampaignAct.objects.create(
        campaign=campaign, act=CampaignAct.Act.CHANGED, by=by, at=at, details=details
    )


@dataclass(frozen=True, slots=True)
class _Deed:
    campaign: Campaign
    steps: Sequence[Step]
    reached: Mapping[int, Reach]
    at: datetime

    def revise(self, wish: Revised) -> dict[str, Any]:
        """Change one step; what was changed, as data."""
        place = [step.pk for step in self.steps].index(wish.step.pk)
        was = self.steps[place]
        told = {**self._settings(wish.step, was, place), **self._text(wish, was)}
        named = {"step": was.pk, "number": place + 1, "called": str(was)}
        return {**named, **told} if told else {}

    def _settings(self, step: Step, was: Step, place: int) -> dict[str, Any]:
        changed = dict(_differing(values_of(was), values_of(step)))
        if not changed:
            return {}
        Step.objects.filter(pk=was.pk).update(
            **{name: getattr(step, name) for name in changed}
        )
        told: dict[str, Any] = {
            "settings": changed,
            "coming": self.reached[was.pk].coming,
        }
        if _TIMES & changed.keys() and not was.anchor:
            before = turns.rule_of(was)
            told["moved"] = waiting.move(step, place, before, self.at)
        return told

    def _text(self, wish: Revised, was: Step) -> dict[str, Any]:
        if wish.text is None:
            return {}
        if bytes(wish.text.digest) != messages.digest_now(was.message):
            raise Overtaken
        Step.objects.filter(pk=was.pk).update(message_version=wish.text)
        planned = bring_along(was, wish.text) if wish.planned_too else 0
        if wish.text == was.message_version and not planned:
            return {}
        before = was.message_version.number if was.message_version else None
        return {
            "text": [before, wish.text.number],
            "coming": self.reached[was.pk].coming,
            "planned": planned,
        }


def bring_along(step: Step, text: MessageVersion) -> int:
    """Give *text* to those for whom *step* is planned; how many had another one.

    What a sender has taken, or is taking, keeps the text with which it was taken.
    Nobody is waited for: a sender who waited for this in turn would wait for ever.
    """
    queue = Queued.objects.filter(campaign=step.version.campaign_id)
    planned = Delivery.objects.filter(
        state=Delivery.State.PLANNED, step=step, pk__in=queue.values("delivery")
    ).exclude(message_version=text)
    free = planned.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return Delivery.objects.filter(
        pk__in=free.values("pk"), state=Delivery.State.PLANNED
    ).update(message_version=text)


def _differing(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, list[Any]]]:
    for name, value in before.items():
        pair = [_plain(value), _plain(after[name])]
        if pair[0] != pair[1]:
            yield name, pair


def _plain(value: Any) -> Any:
    """As JSON keeps it."""
    return value.isoformat() if isinstance(value, time) else value
