"""The invitation's pages: GET shows; a person's POST accepts, sees or asks anew."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.consent import throttle
from accounts.consent.pages import personal_page, speak
from accounts.consent.visits import is_answered_on_its_page
from accounts.journal import clock

from . import answers, links, renewal, store, turned_away, visits
from .models import Invitation

View = Callable[[HttpRequest], HttpResponse]


def leads_to_store(view: View) -> View:
    """Browsers hold form-action against every redirect that follows a form.

    Many a store sends newcomers on, to www. or to its log-in host: with the store's
    own origin alone Chromium 156 leaves them standing here. The page has no other
    form, and no script but ours.
    """

    @wraps(view)
    def led(request: HttpRequest) -> HttpResponse:
        policy = csp_update({"form-action": [store.origin(), "https:"]})
        return policy(view)(request)  # type: ignore[return-value]

    return led


@require_safe
@personal_page
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address. Every token, good or bad, fares alike."""
    if throttle.is_slowed(request):
        return throttle.slow_down(request)
    claim = links.read(token)
    if claim is None:
        throttle.count_bad_link(request)
    response = redirect("invitations:show")
    visits.VISITS.begin(response, claim)
    return response


@require_safe
@personal_page
@leads_to_store
def show(request: HttpRequest) -> HttpResponse:
    invitation = visits.invitation(request, clock.now())
    if invitation is None:
        return turned_away.not_valid(request)
    speak(request, invitation.buyer.language)
    shown = {**_describe(invitation), "opened_later": "other" in request.GET}
    return render(request, "invitations/invitation.html", shown)


@require_POST
@personal_page
def accept(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    invitation = visits.invitation(request, at)
    if invitation is None:
        return turned_away.not_valid(request)
    if not is_answered_on_its_page(request, invitation.reference):
        response = redirect("invitations:show")
        response["Location"] += "?other"
        return response
    answers.accept(invitation, at)
    return HttpResponseRedirect(store.entrance(invitation.reference), status=303)


@require_POST
@personal_page
def see(request: HttpRequest) -> HttpResponse:
    """Sent by our own script after a person's first gesture on the page."""
    at = clock.now()
    invitation = visits.invitation(request, at)
    if invitation and is_answered_on_its_page(request, invitation.reference):
        answers.see(invitation, at)
    return HttpResponse(status=204)


@require_POST
@personal_page
def renew(request: HttpRequest) -> HttpResponse:
    """Says the same whatever the link or address, so that nobody learns which exist."""
    if throttle.is_slowed(request):
        return throttle.slow_down(request)
    speak(request)
    if address := request.POST.get("address", "").strip():
        # As dear as a bad link: or all addresses could be tried.
        throttle.count_bad_link(request)
        renewal.ask_for(address, clock.now())
    else:
        renewal.ask(visits.VISITS.current(request), clock.now())
    return render(request, "invitations/asked.html")


@require_safe
@personal_page
def preview(request: HttpRequest) -> HttpResponse:
    """What the sample link of a preview leads to: the page of an invented buyer."""
    speak(request)
    context = {
        "preview": True,
        "first_name": "Ana",
        "company": _("Example Company Ltd"),
        "rep": {"name": "Luis Pérez", "phone": "+34 976 000 000"},
    }
    return render(request, "invitations/invitation.html", context)


def _describe(invitation: Invitation) -> Mapping[str, Any]:
    """Her first name and company, and no more: a link may have been forwarded."""
    buyer = invitation.buyer
    return {
        "first_name": buyer.first_name,
        "company": buyer.account.name,
        "rep": buyer.account.rep,
        "accepted_at": invitation.accepted_at,
        "reference": invitation.reference,
        "entrance": store.entrance(invitation.reference),
    }
