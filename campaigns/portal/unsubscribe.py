"""Her page about mail: GET shows; a person's, or her mail program's, POST acts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.consent import choices, links, preferences
from accounts.consent.forms import PreferencesForm
from accounts.consent.masks import mask
from accounts.consent.pages import personal_page, speak
from accounts.customers.links import Claim
from accounts.customers.models import Buyer
from accounts.journal import clock

UNREADABLE = (
    BadRequest,
    MultiPartParserError,
    SuspiciousOperation,
    UnreadablePostError,
)


# Without cookie, log-in or CSRF token: a mail program posts here by itself (RFC 8058)
# and gets 200, whatever has become of the buyer since.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    claim = links.read(token)
    if claim is None:
        return _refuse(request)
    buyer = _greet(request, claim)
    acts = buyer is not None and request.method == "POST"
    done = _act(request, buyer, claim.delivery) if buyer and acts else ""
    return render(request, "consent/unsubscribe.html", _show(buyer, done))


# What she presses here is posted to the page above: one door acts.
@login_not_required
@require_safe
@personal_page
def choose(request: HttpRequest, token: str) -> HttpResponse:
    """The same page for who came to choose: her choices first."""
    claim = links.read(token)
    if claim is None:
        return _refuse(request)
    shown = {
        **_show(_greet(request, claim), ""),
        "choosing": True,
        "door": reverse("unsubscribe", args=[token]),
    }
    return render(request, "consent/unsubscribe.html", shown)


def _refuse(request: HttpRequest) -> HttpResponse:
    speak(request)
    return render(request, "consent/not_ours.html", status=404)


def _greet(request: HttpRequest, claim: Claim) -> Buyer | None:
    """Whose link it is, as far as she is still known; her language from here on."""
    buyer = links.buyer_of(claim)
    speak(request, buyer.language if buyer else "")
    return buyer


def _act(request: HttpRequest, buyer: Buyer, delivery: UUID | None) -> str:
    posted = _posted(request)
    match posted.get("answer"):
        case "take_back":
            wording = _("It was a mistake: keep writing to me")
            done = choices.take_back(
                buyer, wording, clock.now(), delivery_uuid=delivery
            )
            return "taken_back" if done else "refused"
        case "choose":
            return _choose(posted, buyer, delivery)
    one_click = posted.get("List-Unsubscribe") == "One-Click"
    choices.object_to_marketing(
        buyer,
        choices.ONE_CLICK if one_click else choices.PAGE,
        "List-Unsubscribe=One-Click" if one_click else _("Stop these messages"),
        clock.now(),
        delivery_uuid=delivery,
    )
    return "stopped"


def _choose(posted: QueryDict, buyer: Buyer, delivery: UUID | None) -> str:
    """Keep her choice of topics and frequency; nothing ticked is a choice, too."""
    form = PreferencesForm(posted)
    if not form.is_valid():
        return "unclear"
    preferences.choose(
        buyer, **form.cleaned_data, at=clock.now(), delivery_uuid=delivery
    )
    return "chosen"


def _posted(request: HttpRequest) -> QueryDict:
    """What was posted; a body that nobody can read still means: unsubscribe."""
    try:
        return request.POST
    except UNREADABLE:
        return QueryDict()


def _show(buyer: Buyer | None, done: str) -> Mapping[str, Any]:
    """An erased buyer is shown what is true of her: nothing is sent any more."""
    if buyer is None:
        return {"standing": choices.Standing(stopped=True, revocable=False)}
    return {
        "standing": choices.standing(buyer),
        "preferences": preferences.of(buyer),
        "tracking_wording": preferences.tracking_wording(),
        "address": mask(buyer.email),
        "done": done,
    }
