"""The trainer's phone: one tap when somebody comes; walk-ins, corrections."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.sequences import schedule
from campaigns.sequences.models import Enrolment
from campaigns.sequences.planning import rejoin
from campaigns.training import goals, overview, seats
from campaigns.training.models import Seat, Session

from . import access

EXPECTED = (Seat.State.BOOKED, Seat.State.ATTENDED, Seat.State.NO_SHOW)
#: May start, pause, resume, change and stop campaigns.
SEND = "sequences.send_campaign"
#: So many sentences at once; the list shows who is left.
MOST_TOLD = 5
#: Strangers who may have come without a seat: so many are offered by a search.
MOST_FOUND = 8


@access.needs(access.TEACH, access.PLAN)
@require_safe
def door(request: HttpRequest, session_id: int) -> HttpResponseBase:
    found = access.session(request, session_id)
    return _page(request, found, request.GET.get("q", ""))


def _page(
    request: HttpRequest, found: Session, asked: str, **context: Any
) -> HttpResponseBase:
    search = asked.replace("\0", "").strip()[:60]
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
        ended=goals.ended_by_mistake(found.pk),
        may_put_back=request.user.has_perm(SEND),
        may_see=request.user.has_perm(access.SEE),
        at=at,
        **context,
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
    access.attempt(request, lambda: seats.correct(found, after, act), done)
    return _back(request, found.session_id)


@access.needs(SEND)
@require_POST
def put_back(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """Into the campaigns that ended by an attendance that was none."""
    found = access.session(request, session_id)
    asked = {access.number(one) for one in request.POST.getlist("enrolment")}
    ended = {row.pk for row in goals.ended_by_mistake(found.pk)}
    done = rejoin.put_back(asked & ended, access.person(request), clock.now())
    for row in done[:MOST_TOLD]:
        messages.success(request, _told(row))
    if not done:
        messages.info(request, _("Nobody was put back: it had been done, or is over."))
    return _back(request, found.pk)


def _told(row: Enrolment) -> str:
    who = {"person": row.buyer, "campaign": row.campaign}
    if row.due_at is None:
        return _("%(person)s is back in “%(campaign)s”.") % who
    zone = row.buyer.time_zone or row.buyer.account.time_zone
    due = date_format(localtime(row.due_at, schedule.zone_of(zone)), "DATETIME_FORMAT")
    return _(
        "%(person)s is back in “%(campaign)s”. Next message: %(due)s, where she is."
    ) % {**who, "due": due}


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
    come: list[Seat] = []

    def deed() -> None:
        come.append(seats.walk_in(found.pk, guest, act, account_id=buyer.account_id))

    access.attempt(request, deed)
    if come and name and come[0].checked_in_at != act.at:
        return _ask_about(request, found, name, buyer)
    if come:
        messages.success(request, _("Noted as there."))
    return redirect("training-staff:door", session_id)


def _ask_about(
    request: HttpRequest, found: Session, name: str, buyer: Buyer
) -> HttpResponseBase:
    """With what was typed, and the place where something more can be written."""
    text = _(
        "%(name)s was noted before. Somebody else of that name in the same "
        "company? Then write something more, such as the department."
    )
    messages.warning(request, text % {"name": name})
    asked = request.POST.get("q", "")
    return _page(request, found, asked, typed=name, typed_for=buyer.pk)


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
