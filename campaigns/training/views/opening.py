"""Where a training link begins: the token leaves the address, the visit begins."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_safe

from accounts.consent import throttle
from accounts.consent.pages import personal_page, speak
from accounts.consent.visits import is_answered_on_its_page
from accounts.customers.models import Buyer
from campaigns.training import links, visits

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Buyer, P], HttpResponse]


def for_visitor(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Hand the view whose visit it is; everybody else gets one and the same page."""

    @wraps(view)
    def guarded(
        request: HttpRequest, /, *args: P.args, **options: P.kwargs
    ) -> HttpResponse:
        buyer = visits.buyer(request)
        if buyer is None:
            return not_valid(request)
        speak(request, buyer.language)
        if not is_answered_on_its_page(request, buyer.uuid):
            response = redirect("training:dates")
            response["Location"] += "?other"
            return response
        try:
            return view(request, buyer, *args, **options)
        except Http404:
            return not_found(request)

    return personal_page(guarded)


@require_safe
@personal_page
def open_link(request: HttpRequest, token: str, to: str = "") -> HttpResponse:
    """Every token, good or bad, fares alike; *to* leads to one of our own pages."""
    if throttle.is_slowed(request):
        return throttle.slow_down(request)
    claim = links.read(token)
    if claim is None:
        throttle.count_bad_link(request)
    response = redirect(_page(to))
    visits.VISITS.begin(response, claim)
    return response


def _page(to: str) -> str:
    """Only what is a page of training; its start page otherwise."""
    start = reverse("training:dates")
    wanted = f"{start}{to}".rstrip("/") + "/" if to else start
    try:
        found = resolve(wanted)
    except Resolver404:
        return start
    ours = found.namespaces == ["training"] and found.url_name in PAGES
    return wanted if ours else start


#: What a link may lead to: pages that show, never deeds.
PAGES = frozenset({"dates", "session", "seat", "join", "feedback", "recording"})


def not_valid(request: HttpRequest) -> HttpResponse:
    speak(request)
    return render(request, "training/not_valid.html", status=404)


def not_found(request: HttpRequest) -> HttpResponse:
    return render(request, "training/not_found.html", status=404)


def show(
    request: HttpRequest, template: str, buyer: Buyer, **context: Any
) -> HttpResponse:
    """Her first name and company, and no more: a link may have been forwarded."""
    frame = {
        "whose": buyer.uuid,
        "first_name": buyer.first_name,
        "company": buyer.account.name,
        "rep": buyer.account.rep,
        "zone": buyer.time_zone or buyer.account.time_zone,
        **context,
    }
    return render(request, f"training/{template}", frame)
