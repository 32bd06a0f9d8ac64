"""Sending at this moment, and a provider stopped or let go by a person."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.journal import clock
from campaigns.sequences import reasons
from campaigns.sequences.brakes import lanes
from campaigns.sequences.models import SendingAct
from campaigns.sequences.results import domains, live
from campaigns.sequences.results.live import Live
from campaigns.sequences.views import pages, sending
from campaigns.sequences.views.review import SEND

_ACTS = 6


@require_safe
@pages.needs("sequences.view_campaign")
def show(request: HttpRequest) -> HttpResponse:
    found = live.read(clock.now())
    return pages.show(
        request,
        "sending/live.html",
        _("Sending now"),
        domains=list(domains.concerns(pages.person(request), found.at)),
        **_describe(request, found),
        **sending.notice(pages.person(request), found.at),
    )


@require_safe
@pages.needs("sequences.view_campaign")
def figures(request: HttpRequest) -> JsonResponse:
    """The moving part, asked for every few seconds while the page is open."""
    found = live.read(clock.now())
    return JsonResponse(
        {
            "state": found.state,
            "per_minute": found.per_minute,
            "due": found.due,
            "held": found.held,
            "later": found.later,
            "oldest_seconds": found.oldest_seconds,
            "in_hand": found.in_hand,
            "unknown": found.unknown,
            "alive": dict(found.alive),
            "html": render_to_string(
                "admin/sequences/parts/live.html",
                _describe(request, found),
                request=request,
            ),
        }
    )


def _describe(request: HttpRequest, found: Live) -> dict[str, Any]:
    names = {one.campaign_id: one.name for one in found.queues}
    return {
        "live": found,
        "highest": max(found.curve, default=0),
        "bars": _bars(found),
        "findings": [
            (one, names[one.campaign_id], reasons.label(one.reason))
            for one in found.findings
        ],
        "queues": [one for one in found.queues if one.due or one.later or one.why],
        "acts": [
            (act, reasons.label(act.reason) if act.reason else "")
            for act in SendingAct.objects.select_related("by")[:_ACTS]
        ],
        "may_send": request.user.has_perm(SEND),
        "may_see_people": request.user.has_perm("sequences.view_delivery"),
    }


def _bars(found: Live) -> list[tuple[int, int, int]]:
    """Left edge, top and height of each minute's bar, in a field of 240 by 40."""
    highest = max(found.curve, default=0) or 1
    heights = [-(-38 * number // highest) for number in found.curve]
    return [(4 * n, 40 - height, height) for n, height in enumerate(heights)]


@require_POST
@pages.needs(SEND)
def stop(request: HttpRequest) -> HttpResponse:
    """Nothing more goes out through a provider until somebody lets it."""
    provider = pages.text(request.POST, "provider", 40)
    reason = pages.text(request.POST, "reason", 40) or "by_hand"
    if not provider:
        messages.error(request, _("Say which provider."))
    elif lanes.stop(provider, reason, clock.now(), by=pages.person(request)):
        said = _("Stopped. What had already begun to go out is the last.")
        messages.success(request, said)
    return redirect("sending:live")


@require_POST
@pages.needs(SEND)
def resume(request: HttpRequest) -> HttpResponse:
    provider = pages.text(request.POST, "provider", 40)
    if lanes.resume(provider, pages.person(request), clock.now()):
        messages.success(request, _("It sends again."))
    return redirect("sending:live")
