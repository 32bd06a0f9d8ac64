"""Openings and clicks in short, on the page of the campaign they belong to."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.staff.models import User
from campaigns.sequences.models import Campaign
from campaigns.sequences.results.panels import Bar, Panel

from . import figures
from .figures import LABELS, What


def of_campaign(campaign: Campaign, user: User, at: datetime) -> Panel:
    counts = figures.total(figures.by_step(campaign).values())
    shown = list(What) if campaign.measures or counts.measured else []
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
