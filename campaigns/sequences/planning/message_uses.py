"""The campaigns that go on with the text that a message had when they began."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.staff.models import User
from campaigns.messages import publish, uses
from campaigns.messages.models import Message
from campaigns.messages.uses import Use
from campaigns.sequences.models import Campaign, Enrolment, Queued, Step

_GOING = (Campaign.State.STARTING, Campaign.State.RUNNING, Campaign.State.PAUSED)


def find(message: Message, user: User) -> Sequence[Use]:
    """Those with anybody left to write to, the newest first. One query."""
    if not user.has_perm("sequences.view_campaign"):
        return []
    newest = publish.digest_now(message)
    older: dict[Campaign, bool] = {}
    for step in _steps(message):
        version, campaign = step.message_version, step.version.campaign
        is_older = version is None or bytes(version.digest) != newest
        older[campaign] = older.get(campaign, False) or is_older
    return [_use(campaign, is_older) for campaign, is_older in older.items()]


def _steps(message: Message) -> Sequence[Step]:
    campaign = OuterRef("version__campaign")
    active = Enrolment.objects.filter(campaign=campaign, state=Enrolment.State.ACTIVE)
    queued = Queued.objects.filter(campaign=campaign)
    someone_left = Exists(active) | Exists(queued) | ~Q(version__campaign__entry="")
    steps = Step.objects.filter(someone_left, version__campaign__state__in=_GOING)
    ordered = steps.filter(message=message).order_by("-version__campaign", "position")
    return list(ordered.select_related("version__campaign", "message_version"))


def _use(campaign: Campaign, is_older: bool) -> Use:
    url = reverse("admin:sequences_campaign_revise", args=[campaign.pk])
    return Use(campaign.name, url, is_older)


uses.register("campaigns", find)
