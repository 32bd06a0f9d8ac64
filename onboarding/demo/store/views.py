"""The stand-in store's pages. GET shows; a POST acts, reports, and goes back."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.consent.pages import personal_page, speak

from . import api, basket, events, reporting, shelf
from .goods import GOODS, money
from .shelf import Customer, Shelf

LONGEST = 200


@require_safe
@personal_page
def show(request: HttpRequest) -> HttpResponse:
    visitor = shelf.read(request.session)
    reference = request.GET.get("invitation", "")[:LONGEST]
    if visitor.customer and reference in {"", visitor.customer.invitation}:
        speak(request)
        return render(request, "demo_store/goods.html", _shop(visitor))
    invited = _ask(reference) if reference else {}
    speak(request, invited.get("language", ""))
    context = {"visitor": visitor, "invited": invited, "reference": reference}
    return render(request, "demo_store/welcome.html", context)


@require_POST
@personal_page
def register(request: HttpRequest) -> HttpResponse:
    visitor, customer = shelf.read(request.session), _read_customer(request)
    if not customer.number or not customer.email:
        messages.error(request, _("Please fill in customer number and e-mail address."))
        return redirect("demo_store:show")
    now = timezone.now()
    if customer not in visitor.customers:
        visitor.add(events.registered(customer, now))
    visitor.enter(customer)
    visitor.add(events.logged_in(customer, now))
    messages.success(request, _("Welcome! You are registered and logged in."))
    return _report(request, visitor)


@require_POST
@personal_page
def log_in(request: HttpRequest) -> HttpResponse:
    visitor = shelf.read(request.session)
    chosen = request.POST.get("customer", "")
    known = dict(enumerate(visitor.customers))
    customer = known.get(int(chosen)) if chosen.isdecimal() else None
    if customer is None:
        return redirect("demo_store:show")
    visitor.enter(customer)
    visitor.add(events.logged_in(customer, timezone.now()))
    return _report(request, visitor)


@require_POST
@personal_page
def log_out(request: HttpRequest) -> HttpResponse:
    visitor = shelf.read(request.session)
    visitor.leave()
    shelf.write(request.session, visitor)
    return redirect("demo_store:show")


@require_POST
@personal_page
def order(request: HttpRequest) -> HttpResponse:
    visitor, filled = shelf.read(request.session), basket.read(request.POST)
    way = request.POST.get("way", "online")
    document = request.POST.get("document", "")[:20]
    if visitor.customer is None or way not in events.WAYS or not document:
        return redirect("demo_store:show")
    if not filled.lines:
        messages.error(request, _("Choose a quantity of at least one article."))
        return redirect("demo_store:show")
    event = events.ordered(visitor.customer, filled, document, way, timezone.now())
    visitor.add(event)
    messages.success(
        request,
        _("Thank you. Order %(document)s for %(total)s is placed.")
        % {"document": document, "total": money(filled.total)},
    )
    return _report(request, visitor)


@require_POST
@personal_page
def retry(request: HttpRequest) -> HttpResponse:
    return _report(request, shelf.read(request.session))


def _report(request: HttpRequest, visitor: Shelf) -> HttpResponse:
    """Remember it before and after: what could not be reported is tried again."""
    shelf.write(request.session, visitor)
    reporting.deliver(visitor)
    shelf.write(request.session, visitor)
    return redirect("demo_store:show")


def _shop(visitor: Shelf) -> Mapping[str, Any]:
    """The document's number comes with the form: sent twice, it is one order."""
    document = f"W-{uuid4().hex[:8].upper()}"
    return {"visitor": visitor, "goods": GOODS, "document": document}


def _ask(reference: str) -> dict[str, str]:
    """What the API knows of the invitation, as fields of the form."""
    answer = api.get_invitation(reference)
    if answer.status != 200:
        return {"failed": "missing" if answer.is_final else "silent"}
    account, buyer = answer.body["account"], answer.body["buyer"]
    return {
        "number": account["number"],
        "company": account["name"],
        "email": buyer["email"],
        "name": f"{buyer['first_name']} {buyer['last_name']}".strip(),
        "language": buyer["language"],
    }


def _read_customer(request: HttpRequest) -> Customer:
    names = ("number", "company", "email", "name", "invitation")
    typed = {name: request.POST.get(name, "").strip()[:LONGEST] for name in names}
    return Customer(**typed)
