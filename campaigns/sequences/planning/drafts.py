"""Campaigns that are still being planned: made, changed, copied, never sent."""

from hashlib import sha256
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import QuerySet

from campaigns.sequences.models import Campaign, CampaignVersion, Step


class NotADraft(Exception):
    """The campaign was started meanwhile: its plan is not changed any more."""


def make(name: str, **fields: Any) -> Campaign:
    """An empty draft with the version that its steps will belong to."""
    with transaction.atomic():
        campaign = Campaign.objects.create(name=name, **fields)
        CampaignVersion.objects.create(campaign=campaign)
    return campaign


def newest_version(campaign: Campaign) -> CampaignVersion | None:
    """While a draft, the version being written."""
    return campaign.versions.order_by("-number").first()


def version_of(campaign: Campaign) -> CampaignVersion:
    """The newest version, made where there is none."""
    return newest_version(campaign) or CampaignVersion.objects.create(campaign=campaign)


def steps_of(campaign: Campaign) -> QuerySet[Step]:
    """The steps as they stand, in order, with their messages."""
    newest = campaign.versions.order_by("-number").values("pk")[:1]
    steps = Step.objects.filter(version__in=newest).select_related("message")
    return steps.order_by("position", "pk")


def lock(campaign_id: int) -> Campaign:
    """The draft, held against others until the transaction ends."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    if campaign.state != Campaign.State.DRAFT:
        raise NotADraft
    return campaign


def fingerprint(campaign: Campaign) -> str:
    """Changes when anybody changes the plan: who saves later is told."""
    frame = [
        *(campaign.name, campaign.goal, campaign.starts_at),
        *(campaign.audience, campaign.entry, campaign.measures),
    ]
    rows = list(steps_of(campaign).values_list(*_STEP_FIELDS))
    text = DjangoJSONEncoder(sort_keys=True).encode([frame, rows])
    return sha256(text.encode()).hexdigest()[:16]


_STEP_FIELDS = (
    "pk",
    "position",
    "name",
    "message",
    "wait_days",
    "anchor",
    "anchor_minutes",
    "send_at",
    "working_days",
    "only_if",
    "late_after_hours",
    "late",
)


def copy(campaign: Campaign, name: str) -> Campaign:
    """A new draft with the same plan; nothing of what was sent comes along."""
    with transaction.atomic():
        twin = make(
            name,
            goal=campaign.goal,
            audience=campaign.audience,
            entry=campaign.entry,
            measures=campaign.measures,
            starts_at=None,
        )
        version = version_of(twin)
        for step in steps_of(campaign):
            step.pk = None
            step.version = version
            step.message_version = None
            step.save(force_insert=True)
    return twin
