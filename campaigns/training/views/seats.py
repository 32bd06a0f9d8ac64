"""One seat of hers, and what she can do with it. GET shows, POST acts."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.training import appointments, entitled, programme, seats
from campaigns.training.models import Seat, Session

from . import joining
from .finding import seat_of
from .opening import for_visitor, show

Deed = Callable[[HttpRequest, Seat, seats.Act], object]


@require_safe
@for_visitor
def seat(request: HttpRequest, buyer: Buyer, uuid: UUID) -> HttpResponse:
    return _page(request, buyer, seat_of(buyer, uuid))


def _acting(deed: Deed) -> Callable[..., HttpResponse]:
    """A POST that does one thing and shows the seat as it is then."""

    @require_POST
    @for_visitor
    def act(request: HttpRequest, buyer: Buyer, uuid: UUID) -> HttpResponse:
        found = seat_of(buyer, uuid)
        try:
            deed(request, found, seats.Act(clock.now(), Seat.Source.PAGE))
        except seats.Refused as refused:
            return _page(request, buyer, seat_of(buyer, uuid), refused.text)
        return redirect("training:seat", uuid)

    return act


accept = _acting(lambda request, seat, act: seats.accept(seat.booking, act))
decline = _acting(lambda request, seat, act: seats.decline(seat.booking, act))
reconfirm = _acting(lambda request, seat, act: seats.reconfirm(seat, act, coming=True))


@_acting
def cancel(request: HttpRequest, seat: Seat, act: seats.Act) -> None:
    """This seat, or with ``all`` every seat of the booking."""
    if "all" in request.POST:
        seats.cancel_booking(seat.booking, act)
    else:
        seats.cancel(seat, act)


@_acting
def move(request: HttpRequest, seat: Seat, act: seats.Act) -> None:
    try:
        wanted = UUID(request.POST.get("to", ""))
    except ValueError as error:
        raise Http404 from error
    target = get_object_or_404(Session, uuid=wanted, course=seat.session.course_id)
    seats.move(seat, target.pk, act)


@require_safe
@for_visitor
def calendar(request: HttpRequest, buyer: Buyer, uuid: UUID) -> HttpResponse:
    """The appointment as a file; after a cancellation the one that takes it away."""
    found = seat_of(buyer, uuid)
    if found.booked_at is None:
        raise Http404
    written = appointments.of_seat(found, buyer, clock.now())
    name = f'attachment; filename="{written.name}"'
    return HttpResponse(
        written.content, written.kind, headers={"Content-Disposition": name}
    )


def _page(
    request: HttpRequest, buyer: Buyer, found: Seat, refused: str = ""
) -> HttpResponse:
    at = clock.now()
    session = found.session
    response = show(
        request,
        "seat.html",
        buyer,
        seat=found,
        session=session,
        together=_together(found),
        own=found.buyer_id == buyer.pk,
        refused=refused,
        position=seats.positions([found]).get(found.pk),
        alternatives=programme.alternatives(found, buyer, at),
        materials=entitled.materials(buyer, session.course),
        recording=entitled.may_watch(buyer, session),
        may_cancel=at < session.cancelling_ends and not session.is_cancelled,
        may_speak=entitled.may_speak(buyer, found),
        said=getattr(found, "feedback", None),
        joinable=joining.is_open(session, at),
        shows_code=_shows_code(found, at),
        over=session.ends_at <= at,
        at=at,
    )
    response.status_code = 409 if refused else 200
    return response


def _together(found: Seat) -> list[Seat]:
    """Hers and her colleagues' of the same booking, in one date."""
    party = found.booking.seats.live().filter(session=found.session_id)
    return list(party.select_related("buyer").order_by("pk"))


def _shows_code(found: Seat, at: datetime) -> bool:
    """At the door of a session that is no webinar."""
    here = found.session.kind != Session.Kind.WEBINAR
    return here and found.state == Seat.State.BOOKED and at < found.session.ends_at
