"""A campaign that was started: how it stands, held, resumed, ended by a person."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.journal import clock
from campaigns.sequences import goals, reasons
from campaigns.sequences.audiences import conditions
from campaigns.sequences.models import Campaign, CampaignAct
from campaigns.sequences.planning import changes, lifecycle, revision
from campaigns.sequences.results import panels, progress
from campaigns.sequences.views import editing, pages, sending
from campaigns.sequences.views.review import SEND


@pages.needs("sequences.view_campaign")
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """One address for the whole life of a campaign: its plan, then how it goes."""
    found = pages.find(campaign_id)
    if found.state == Campaign.State.DRAFT:
        if request.user.has_perm("sequences.change_campaign"):
            return editing.edit(request, campaign_id)
        return redirect("admin:sequences_campaign_review", campaign_id)
    return show(request, campaign_id)


@require_safe
def show(request: HttpRequest, campaign_id: int) -> HttpResponse:
    found = pages.find(campaign_id)
    at = clock.now()
    return pages.show(
        request,
        "campaign/running.html",
        found.name,
        campaign=found,
        goal=goals.label(found.goal),
        described=conditions.describe(found.audience),
        acts=[_act(act) for act in found.acts.select_related("by")],
        panels=panels.of(found, pages.person(request), at),
        may_send=request.user.has_perm(SEND),
        may_revise=found.state in revision.UNDER_WAY,
        may_add=request.user.has_perm("sequences.add_campaign"),
        **_figures(found, at),
        **sending.notice(pages.person(request), at),
    )


def _act(act: CampaignAct) -> dict[str, Any]:
    return {
        "act": act,
        "reason": reasons.label(act.reason) if act.reason else "",
        "changes": changes.describe(act.details),
    }


def _figures(found: Campaign, at: datetime) -> dict[str, Any]:
    outcome = progress.outcome(found, at)
    changed = found.acts.filter(act=CampaignAct.Act.CHANGED)
    return {
        "texts_changed": changes.of_texts(changed),
        "outcome": outcome,
        "standing": progress.standing(found, outcome.is_done),
        "standing_label": progress.standing_label(found, outcome.is_done),
        "pause_reason": reasons.label(found.pause_reason),
        "at": at,
    }


@require_safe
@pages.needs("sequences.view_campaign")
def figures(request: HttpRequest, campaign_id: int) -> JsonResponse:
    """The moving part of the page, asked for every few seconds while it is open."""
    found = pages.find(campaign_id)
    shown = _figures(found, clock.now())
    outcome = shown["outcome"]
    return JsonResponse(
        {
            "state": shown["standing"],
            "planned": outcome.sum.planned,
            **{name: number for name, _label, number in outcome.sum.parts},
            "html": render_to_string(
                "admin/sequences/parts/figures.html",
                {"campaign": found, **shown},
                request=request,
            ),
        }
    )


Deed = Callable[[HttpRequest, Campaign, datetime], bool]


def _act_on(
    request: HttpRequest, campaign_id: int, deed: Deed, said: str
) -> HttpResponse:
    """Do it once; a second click finds it done and says nothing."""
    if deed(request, pages.find(campaign_id), clock.now()):
        messages.success(request, said)
    return redirect("admin:sequences_campaign_change", campaign_id)


@require_POST
@pages.needs(SEND)
def pause(request: HttpRequest, campaign_id: int) -> HttpResponse:
    said = _("Paused. What had already begun to go out is the last.")
    return _act_on(request, campaign_id, _pause, said)


def _pause(request: HttpRequest, found: Campaign, at: datetime) -> bool:
    reason = pages.text(request.POST, "reason", 200)
    return lifecycle.pause(found, pages.person(request), at, reason)


@require_POST
@pages.needs(SEND)
def resume(request: HttpRequest, campaign_id: int) -> HttpResponse:
    return _act_on(request, campaign_id, _resume, _("It goes on where it was paused."))


def _resume(request: HttpRequest, found: Campaign, at: datetime) -> bool:
    return lifecycle.resume(found, pages.person(request), at)


@require_POST
@pages.needs(SEND)
def stop(request: HttpRequest, campaign_id: int) -> HttpResponse:
    if "confirm" not in request.POST:
        messages.error(request, _("Tick the box: a stopped campaign cannot go on."))
        return redirect("admin:sequences_campaign_change", campaign_id)
    return _act_on(request, campaign_id, _stop, _("Stopped for good."))


def _stop(request: HttpRequest, found: Campaign, at: datetime) -> bool:
    reason = pages.text(request.POST, "reason", 200)
    return lifecycle.stop(found, pages.person(request), at, reason)
