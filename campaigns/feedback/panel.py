"""Openings and clicks in short, on the page of the campaign they belong to."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.staff.models import User
from campaigns.sequences.models import Campaign, CampaignAct
from campaigns.sequences.results.panels import Bar, Panel

from . import figures
from .figures import LABELS, What


def of_campaign(campaign: Campaign, user: User, at: datetime) -> Panel:
    # Nothing is counted where nothing ever was: a page of a million messages.
    shown = list(What) if _ever_measured(campaign) else []
    counts = figures.total(figures.by_step(campaign).values() if shown else ())
    address = reverse("openings:names", args=[campaign.pk])
    return Panel(
        title=_("Openings and clicks"),
        explanation=_(
            "Of buyers who agreed to it. An opening is no evidence that anybody has "
            "read a message, and nothing in the campaign depends on it."
        )
        if shown
        else _("Not measured in this campaign."),
        bars=[
            Bar(LABELS[what], counts.of(what), f"{address}?what={what}")
            for what in shown
        ],
        url=reverse("openings:campaign", args=[campaign.pk]),
        link=_("By step"),
    )


def _ever_measured(campaign: Campaign) -> bool:
    """Once started it is switched off by a person, who is remembered."""
    ended = campaign.acts.filter(act=CampaignAct.Act.UNMEASURED)
    return campaign.measures or ended.exists()
