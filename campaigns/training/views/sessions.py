"""One date: what it is about, and seats in it."""

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.training import programme, seats
from campaigns.training.forms import BookingForm
from campaigns.training.models import Seat, Session

from .finding import session_of
from .opening import for_visitor, show


@require_safe
@for_visitor
def session(request: HttpRequest, buyer: Buyer, uuid: UUID) -> HttpResponse:
    found = session_of(buyer, uuid)
    mine = _mine(buyer, found)
    if mine is not None and "more" not in request.GET:
        return redirect("training:seat", mine.uuid)
    initial = {"myself": mine is None, "key": uuid4()}
    return _page(request, buyer, found, BookingForm(found, initial=initial))


@require_POST
@for_visitor
def book(request: HttpRequest, buyer: Buyer, uuid: UUID) -> HttpResponse:
    """Seats, or a place on the waiting list; pressed twice it is the same booking."""
    found = session_of(buyer, uuid)
    form = BookingForm(found, request.POST)
    if not form.is_valid():
        return _page(request, buyer, found, form, status=400)
    try:
        booked = seats.book(
            found.pk,
            _guests(buyer, form),
            seats.Act(clock.now(), Seat.Source.PAGE),
            account_id=buyer.account_id,
            contact_id=buyer.pk,
            key=form.cleaned_data["key"],
        )
    except seats.Refused as refused:
        if (mine := _mine(buyer, found)) and refused.why == "already":
            return redirect("training:seat", mine.uuid)
        found = session_of(buyer, uuid)
        return _page(request, buyer, found, form, refused=refused.text, status=409)
    return redirect("training:seat", booked.seats[0].uuid)


def _mine(buyer: Buyer, found: Session) -> Seat | None:
    return programme.hers(buyer).live().filter(session=found).first()


def _guests(buyer: Buyer, form: BookingForm) -> list[seats.Guest]:
    given = form.cleaned_data
    me = [seats.Guest(buyer.pk)] if given["myself"] else []
    others = given["seats"] - len(me)
    names = [*given["names"], *[""] * others][:others]
    return [*me, *(seats.Guest(name=name) for name in names)]


def _page(
    request: HttpRequest,
    buyer: Buyer,
    found: Session,
    form: BookingForm,
    *,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    at = clock.now()
    response = show(
        request,
        "session.html",
        buyer,
        session=found,
        form=form,
        refused=refused,
        bookable=found.is_bookable(at),
        begun=found.starts_at <= at,
        opens_later=found.bookable_from is not None and found.bookable_from > at,
        at=at,
    )
    response.status_code = status
    return response
