"""The trainer's phone: one tap when somebody comes; walk-ins, corrections."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.training import goals, overview, seats
from campaigns.training.models import Seat, Session

from . import access

EXPECTED = (Seat.State.BOOKED, Seat.State.ATTENDED, Seat.State.NO_SHOW)
#: Strangers who may have come without a seat: so many are offered by a search.
MOST_FOUND = 8


@access.needs(access.TEACH, access.PLAN)
@require_safe
def door(request: HttpRequest, session_id: int) -> HttpResponseBase:
    found = access.session(request, session_id)
    search = request.GET.get("q", "").replace("\0", "").strip()[:60]
    expected = _expected(found, search)
    at = clock.now()
    return access.show(
        request,
        "door.html",
        found.course.title,
        session=found,
        state=overview.state_of(found, at),
        expected=expected,
        strangers=_strangers(found, search) if search else [],
        search=search,
        may_see=request.user.has_perm(access.SEE),
        at=at,
    )


def _expected(session: Session, search: str) -> list[Seat]:
    """Who may come in, whose name or company holds every word; those not here first."""
    rows = session.seats.filter(
        Q(state__in=EXPECTED) | Q(state__in=(Seat.State.WAITING, Seat.State.OFFERED))
    ).select_related("buyer", "account")
    for word in search.split():
        rows = rows.filter(
            Q(buyer__first_name__icontains=word)
            | Q(buyer__last_name__icontains=word)
            | Q(guest_name__icontains=word)
            | Q(account__name__icontains=word)
        )
    found = list(rows.order_by("account__name", "buyer__last_name", "pk"))
    return sorted(found, key=lambda seat: seat.state == Seat.State.ATTENDED)


def _strangers(session: Session, search: str) -> QuerySet[Buyer]:
    """Buyers without a seat: names and companies only, nothing to write down."""
    rows = Buyer.objects.filter(active=True).exclude(
        seats__in=session.seats.filter(state__in=(*EXPECTED, *Seat.LIVE))
    )
    if session.account_id:
        rows = rows.filter(account=session.account_id)
    for word in search.split():
        rows = rows.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(account__name__icontains=word)
        )
    return rows.select_related("account").order_by("account__name", "pk")[:MOST_FOUND]


@access.needs(access.TEACH, access.PLAN)
@require_safe
def scan(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Where the code on her phone leads: her line in the list, with the button."""
    found = get_object_or_404(
        Seat.objects.select_related("buyer", "account", "session__course"),
        uuid=uuid,
        session__in=access.sessions(request),
    )
    return access.show(
        request,
        "scan.html",
        found.session.course.title,
        seat=found,
        session=found.session,
        state=overview.state_of(found.session, clock.now()),
        at=clock.now(),
    )


@access.needs(access.TEACH, access.PLAN)
@require_POST
def check_in(request: HttpRequest, seat_id: int) -> HttpResponseBase:
    """Tapped twice she is there once."""
    found = access.seat(request, seat_id)
    act = access.act(request, source=Seat.Source.CHECK_IN)
    access.attempt(request, lambda: seats.check_in(found, act))
    return _back(request, found.session_id)


@access.needs(access.TEACH, access.PLAN)
@require_POST
def correct(request: HttpRequest, seat_id: int) -> HttpResponseBase:
    found = access.seat(request, seat_id)
    after = request.POST.get("after", "")
    reason = request.POST.get("reason", "")
    act = access.act(request, reason, Seat.Source.CHECK_IN)
    done = _("Put right. What was noted before stays in the history.")
    put_right = access.attempt(request, lambda: seats.correct(found, after, act), done)
    if put_right and found.state == Seat.State.ATTENDED:
        for campaign in goals.ended_for(found.buyer_id):
            text = _(
                "“%(campaign)s” ended for this person because of the training, and "
                "stays ended."
            )
            messages.warning(request, text % {"campaign": campaign})
    return _back(request, found.session_id)


@access.needs(access.TEACH, access.PLAN)
@require_POST
def walk_in(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """Somebody came without a seat: a buyer we know, or a name of a known company."""
    found = access.session(request, session_id)
    pk = access.number(request.POST.get("buyer", ""))
    buyer = get_object_or_404(Buyer, pk=pk, active=True)
    name = request.POST.get("name", "").replace("\0", "").strip()[:100]
    guest = seats.Guest(name=name) if name else seats.Guest(buyer.pk)
    act = access.act(request, source=Seat.Source.CHECK_IN)

    def deed() -> None:
        seat = seats.walk_in(found.pk, guest, act, account_id=buyer.account_id)
        if seat.checked_in_at == act.at or not name:
            messages.success(request, _("Noted as there."))
        else:
            text = _(
                "%(name)s was noted before. Somebody else of that name in the same "
                "company? Then write something more, such as the department."
            )
            messages.warning(request, text % {"name": name})

    access.attempt(request, deed)
    return redirect("training-staff:door", session_id)


@access.needs(access.TEACH, access.PLAN)
@require_POST
def close(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """Attendance is complete: who did not come is noted so."""
    found = access.session(request, session_id)
    act = access.act(request, source=Seat.Source.CHECK_IN)

    def deed() -> None:
        absent = seats.close(found.pk, act)
        text = _("Attendance is complete. Not there: %(n)d.") % {"n": absent}
        messages.success(request, text)

    access.attempt(request, deed)
    return _back(request, session_id)


def _back(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """To the page that the button was on."""
    page = "session" if request.POST.get("back") == "session" else "door"
    return redirect(f"training-staff:{page}", session_id)
