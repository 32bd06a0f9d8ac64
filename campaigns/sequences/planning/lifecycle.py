"""Starts, pauses, resumes and stops a campaign; each can be repeated harmlessly.

Every deed is one conditional change of the campaign's row: fifty clicks do it once.
What is on its way is held back by the last look and the stop list, which read that
row, and not by anything here.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet

from accounts.staff.models import User
from campaigns.messages import publish
from campaigns.sequences import nudge
from campaigns.sequences.models import (
    Campaign,
    CampaignAct,
    CampaignVersion,
    Delivery,
    Enrolment,
    Step,
)
from campaigns.sequences.planning import drafts, enrol, prechecks
from campaigns.sequences.planning.prechecks import Problem

#: Up to so many are enrolled, or taken out, within the click; more behind it.
AT_ONCE = 20_000

M = TypeVar("M", bound=Model)
_Act = CampaignAct.Act
_State = Campaign.State


class CannotStart(Exception):
    """The campaign is not ready; ``problems`` say what to mend."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = list(problems)


def problems(campaign: Campaign, at: datetime) -> list[Problem]:
    """What keeps the draft from being started; empty when it can be."""
    steps = list(drafts.steps_of(campaign).select_related("message__brand"))
    return prechecks.find(campaign, steps, prechecks.count(campaign, steps, at))


def start(campaign: Campaign, by: User | None, at: datetime) -> bool:
    """Publish its messages, take its audience in, and go; False if it was no draft.

    Raises `CannotStart`, and then nothing has changed. Of an audience larger than
    `AT_ONCE` the rest is taken in by `continue_starting`.
    """
    with transaction.atomic():
        try:
            drafts.lock(campaign.pk)
        except drafts.NotADraft:
            return False
        steps = list(drafts.steps_of(campaign).select_related("message__brand"))
        found = prechecks.count(campaign, steps, at)
        if wrong := prechecks.find(campaign, steps, found):
            raise CannotStart(wrong)
        _publish(steps, by, at)
        _change(
            campaign,
            {_State.DRAFT},
            state=_State.STARTING,
            started_at=at,
            started_by=by,
            audience_size=found.buyers if found else 0,
        )
        _note(campaign, _Act.STARTED, by, at)
        _take_in(campaign, AT_ONCE)
    return True


def continue_starting(limit: int = AT_ONCE) -> int:
    """Take in the next part of every audience that was too large for one click.

    Returns how many campaigns it worked on. May be killed and called again.
    """
    waiting = Campaign.objects.filter(state=_State.STARTING).values_list("pk")
    return sum(_continue(pk, limit) for (pk,) in list(waiting))


def _continue(pk: int, limit: int) -> bool:
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(skip_locked=True, no_key=True)
        campaign = locked.filter(pk=pk, state=_State.STARTING).first()
        if campaign is not None:
            _take_in(campaign, limit)
    return campaign is not None


def _take_in(campaign: Campaign, limit: int) -> None:
    """One part of the audience; the last one sets the campaign running."""
    version = drafts.version_of(campaign)
    last = enrol.enrol(campaign, version, after=campaign.enrolled_up_to, limit=limit)
    if last is not None:
        _change(campaign, {_State.STARTING}, enrolled_up_to=last)
    if last is None or campaign.enrolments.count() >= (campaign.audience_size or 0):
        _change(campaign, {_State.STARTING}, state=_State.RUNNING)
        nudge.on_commit(nudge.SEND)
    else:
        nudge.on_commit(nudge.ENROL)


def pause(campaign: Campaign, by: User | None, at: datetime, reason: str = "") -> bool:
    """Hold everything that has not begun to go out; False if it did not run."""
    with transaction.atomic():
        changed = _change(
            campaign, {_State.RUNNING}, state=_State.PAUSED, pause_reason=reason[:200]
        )
        if changed:
            _note(campaign, _Act.PAUSED, by, at, reason)
    return changed


def pause_by_itself(campaign_id: int, reason: str, *, at: datetime) -> bool:
    """The same, done by the product, which is no person; *reason* is of `reasons`."""
    return pause(Campaign.objects.get(pk=campaign_id), None, at, reason)


def resume(campaign: Campaign, by: User | None, at: datetime) -> bool:
    """Go on where it was paused: nobody is enrolled, and nothing planned, anew.

    What has become too late meanwhile is decided by the rule of its step.
    """
    with transaction.atomic():
        changed = _change(
            campaign, {_State.PAUSED}, state=_State.RUNNING, pause_reason=""
        )
        if changed:
            _note(campaign, _Act.RESUMED, by, at)
            nudge.on_commit(nudge.SEND)
    return changed


def stop(campaign: Campaign, by: User | None, at: datetime, reason: str = "") -> bool:
    """End it for good: what is planned is not sent, whoever is under way leaves."""
    going = {_State.STARTING, _State.RUNNING, _State.PAUSED}
    with transaction.atomic():
        changed = _change(campaign, going, state=_State.STOPPED, stopped_at=at)
        if changed:
            _note(campaign, _Act.STOPPED, by, at, reason)
    _clear(campaign, at, AT_ONCE)
    return changed


def clear_stopped(at: datetime, limit: int = AT_ONCE) -> int:
    """Take the next part out of stopped campaigns; how many rows.

    What was claimed when a campaign stopped may come back as planned: a campaign is
    cleared when nothing of it is open any more.
    """
    ended = Campaign.objects.filter(state=_State.STOPPED, cleared_at=None)
    return sum(_clear(campaign, at, limit) for campaign in ended)


def _clear(campaign: Campaign, at: datetime, limit: int) -> int:
    with transaction.atomic():
        skipped = _take(campaign.deliveries.planned(), limit).update(
            state=Delivery.State.SKIPPED, reason="campaign_stopped", settled_at=at
        )
        active = campaign.enrolments.filter(state=Enrolment.State.ACTIVE)
        left = _take(active, limit).update(
            state=Enrolment.State.EXITED, exit_reason="campaign_stopped", due_at=None
        )
        if not active.exists() and not campaign.deliveries.is_any_open():
            _change(campaign, {_State.STOPPED}, cleared_at=at)
    return skipped + left


def _take(rows: QuerySet[M], limit: int) -> QuerySet[M]:
    """Up to *limit* of the rows, locked; those that others hold come next time."""
    locked = rows.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return rows.model._default_manager.filter(
        pk__in=locked.order_by("pk").values("pk")[:limit]
    )


def is_finished(campaign: Campaign) -> bool:
    """Has everybody had her last step, and is no message's fate open? A question."""
    under_way = campaign.enrolments.filter(state=Enrolment.State.ACTIVE)
    begun = campaign.state in {_State.RUNNING, _State.PAUSED, _State.STOPPED}
    if not begun or under_way.exists():
        return False
    sent = campaign.deliveries
    return not sent.is_any_open() and not sent.unknown().exists()


def _change(campaign: Campaign, before: Collection[str], **fields: Any) -> bool:
    """Change the row if it still is in a state of *before*, and *campaign* with it."""
    rows = Campaign.objects.filter(pk=campaign.pk, state__in=before)
    if not rows.update(**fields):
        return False
    for name, value in fields.items():
        setattr(campaign, name, value)
    return True


def _publish(steps: Sequence[Step], by: User | None, at: datetime) -> None:
    # In one order for everybody: each publishing locks its message.
    for step in sorted(steps, key=lambda step: step.message_id):
        step.message_version = publish.publish(step.message, by, at)
    Step.objects.bulk_update(steps, ["message_version"])
    CampaignVersion.objects.filter(pk=steps[0].version_id).update(published_at=at)


def _note(
    campaign: Campaign, act: str, by: User | None, at: datetime, reason: str = ""
) -> None:
    CampaignAct.objects.create(
        campaign=campaign, act=act, by=by, at=at, reason=reason[:200]
    )
