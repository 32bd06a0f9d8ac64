"""One session with everything about it, and what one can do with its people."""

from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.customers import sheets
from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.training import goals, guests, links, listing, overview, seats
from campaigns.training.models import Seat, Session
from campaigns.training.results import said
from campaigns.training.results.scope import Scope

from . import access
from .door import SEND
from .forms import AddPeopleForm, PriorityForm

BOTH = require_http_methods(["GET", "HEAD", "POST"])


@access.needs(access.SEE)
@require_safe
def session(request: HttpRequest, session_id: int) -> HttpResponseBase:
    return _page(request, session_id, AddPeopleForm(initial={"key": uuid4()}))


def _page(
    request: HttpRequest, session_id: int, form: AddPeopleForm
) -> HttpResponseBase:
    at = clock.now()
    found = access.session(request, session_id)
    groups = overview.people(found)
    scope = Scope(at, found.pk)
    return access.show(
        request,
        "session.html",
        found.course.title,
        session=found,
        state=overview.state_of(found, at),
        groups=groups,
        places=_places(groups),
        trainers=found.trainers.all(),
        history=overview.history(found),
        views=found.views.select_related("buyer", "account"),
        materials=listing.materials(found.course),
        said=said.of(scope),
        words=said.given(scope),
        form=form,
        ended=goals.ended_by_mistake(found.pk),
        may_put_back=request.user.has_perm(SEND),
        other_dates=_other_dates(request, found, at),
        may_plan=request.user.has_perm(access.PLAN),
        may_tell=request.user.has_perm(access.TELL_ALL),
        at=at,
    )


def _other_dates(request: HttpRequest, found: Session, at: datetime) -> list[Session]:
    """Where somebody could be moved to."""
    open_ones = access.sessions(request).upcoming(at).filter(course=found.course_id)
    return [each for each in open_ones.exclude(pk=found.pk)[:50] if each.free > 0]


def _places(groups: list[overview.Group]) -> dict[int, int]:
    waiting = [seat for group in groups for seat in group.seats]
    return seats.positions(waiting)


@access.needs(access.PLAN)
@require_POST
def add_people(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """Seats for everybody on a list: each on its own, so that one fault stops none."""
    found = access.session(request, session_id)
    form = AddPeopleForm(request.POST)
    if not form.is_valid():
        return _page(request, session_id, form)
    result = guests.book_all(
        found, form.cleaned_data["people"], access.act(request, source=_source(form))
    )
    _say(request, result)
    return redirect("training-staff:session", session_id)


def _source(form: AddPeopleForm) -> str:
    return Seat.Source.REP if form.cleaned_data["for_rep"] else Seat.Source.STAFF


def _say(request: HttpRequest, result: guests.Result) -> None:
    if result.booked:
        text = ngettext("%(n)d seat booked.", "%(n)d seats booked.", result.booked) % {
            "n": result.booked
        }
        messages.success(request, text)
    if result.waiting:
        text = ngettext(
            "%(n)d person put on the waiting list.",
            "%(n)d people put on the waiting list.",
            result.waiting,
        ) % {"n": result.waiting}
        messages.warning(request, text)
    if result.already:
        text = ngettext(
            "%(n)d person had a seat already.",
            "%(n)d people had a seat already.",
            result.already,
        ) % {"n": result.already}
        messages.info(request, text)
    for line, why in result.refused:
        messages.error(request, _("%(line)s: %(why)s") % {"line": line, "why": why})


@access.needs(access.PLAN)
@require_POST
def cancel_seat(request: HttpRequest, seat_id: int) -> HttpResponseBase:
    found = access.seat(request, seat_id)
    act = access.act(request, request.POST.get("reason", ""))
    access.attempt(request, lambda: seats.cancel(found, act), _("The seat is free."))
    return redirect("training-staff:session", found.session_id)


@access.needs(access.PLAN)
@require_POST
def move_seat(request: HttpRequest, seat_id: int) -> HttpResponseBase:
    found = access.seat(request, seat_id)
    target = access.session(request, access.number(request.POST.get("to", "")))
    act = access.act(request)
    done = _("Moved. The customer is told.")
    access.attempt(request, lambda: seats.move(found, target.pk, act), done)
    return redirect("training-staff:session", found.session_id)


@access.needs(access.PLAN)
@require_POST
def prefer_seat(request: HttpRequest, seat_id: int) -> HttpResponseBase:
    """The whole booking comes before others, or after them; with a reason."""
    found = access.seat(request, seat_id)
    form = PriorityForm(request.POST)
    if not form.is_valid():
        for wrongs in form.errors.values():
            messages.error(request, " ".join(str(wrong) for wrong in wrongs))
        return redirect("training-staff:session", found.session_id)
    given = form.cleaned_data
    reason = _("Priority %(number)d: %(why)s")
    told = reason % {"number": given["priority"], "why": given["reason"]}
    act = access.act(request, told)
    done = _("Changed. The queue is served in the new order.")
    access.attempt(
        request, lambda: seats.prefer(found.booking, given["priority"], act), done
    )
    return redirect("training-staff:session", found.session_id)


@access.needs(access.PLAN)
@BOTH
def withdraw_links(request: HttpRequest, seat_id: int) -> HttpResponseBase:
    """Every training link that this person got so far stops opening."""
    found = access.seat(request, seat_id)
    if found.buyer is None:
        raise Http404
    if request.method == "POST":
        _withdraw(request, found.buyer)
        return redirect("training-staff:session", found.session_id)
    return access.show(
        request,
        "withdraw.html",
        _("Withdraw the training link"),
        seat=found,
        session=found.session,
        generation=links.generation_of(found.buyer),
    )


def _withdraw(request: HttpRequest, buyer: Buyer) -> None:
    seen = access.number(request.POST.get("generation", ""))
    if links.withdraw(buyer, seen):
        text = _("Withdrawn. The next message to %(name)s brings a new link.")
        messages.success(request, text % {"name": buyer})
    else:
        text = _("These links of %(name)s had been withdrawn before.")
        messages.info(request, text % {"name": buyer})


@access.needs(access.SEE)
@require_safe
def people_csv(request: HttpRequest, session_id: int) -> HttpResponseBase:
    found = access.session(request, session_id)
    return sheets.download(f"session-{found.pk}.csv", listing.people(found))
