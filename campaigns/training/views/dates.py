"""The start page: her seats, and the dates she can choose from."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.consent.pages import personal_page, speak
from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.training import programme

from .opening import for_visitor, show


@require_safe
@for_visitor
def dates(request: HttpRequest, buyer: Buyer) -> HttpResponse:
    at = clock.now()
    return show(
        request,
        "dates.html",
        buyer,
        seats=programme.seats(buyer, at),
        courses=programme.courses(list(programme.dates(buyer, at))),
        at=at,
        opened_later="other" in request.GET,
    )


@require_safe
@personal_page
def preview(request: HttpRequest) -> HttpResponse:
    """What the sample link of a preview leads to: nobody's page."""
    speak(request)
    return render(request, "training/preview.html")
