"""The funnel in short, on the page of the campaign it belongs to."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.staff.models import User
from campaigns.adoption.frames import Frame, Unit
from campaigns.adoption.funnel import funnel
from campaigns.adoption.views.access import PERMISSION
from campaigns.sequences.models import Campaign
from campaigns.sequences.results.panels import Bar, Panel


def of_campaign(campaign: Campaign, user: User, at: datetime) -> Panel | None:
    if not user.has_perm(PERMISSION):
        return None
    found = funnel(Frame(at, campaign_id=campaign.pk), Unit.BUYER)
    return Panel(
        title=_("How far they came"),
        explanation=_(
            "Buyers, not messages; without those who were registered already when "
            "the first message went out"
        ),
        bars=[
            Bar(step.label, step.reached.count, step.reached.url)
            for step in found.steps
        ],
        url=reverse("adoption:campaign", args=[campaign.pk]),
        link=_("Results"),
    )
