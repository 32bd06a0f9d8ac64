"""A calendar address for trainers and reps: secret, and theirs to close."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.consent import throttle
from accounts.customers import links
from accounts.journal import clock
from accounts.staff.models import Role, User
from campaigns.training import appointments
from campaigns.training.models import CalendarFeed, Seat, Session

from . import access

PURPOSE = "training-calendar"
BACK, AHEAD = timedelta(days=90), timedelta(days=400)


def address(feed: CalendarFeed) -> str:
    token = links.make(PURPOSE, feed.uuid, feed.generation)
    return f"{settings.SITE_URL}{reverse('training-feed:feed', args=[token])}"


def address_of(user: User) -> str:
    """Hers, while it is open; else none."""
    found = CalendarFeed.objects.filter(user=user, open=True).first()
    return address(found) if found else ""


def open_for(user: User) -> None:
    """A first address, or a new one in place of one that somebody else has seen."""
    feed, fresh = CalendarFeed.objects.get_or_create(user=user)
    if not fresh:
        CalendarFeed.objects.filter(pk=feed.pk).update(
            generation=F("generation") + 1, open=True
        )


def close_for(user: User) -> None:
    mine = CalendarFeed.objects.filter(user=user)
    mine.update(generation=F("generation") + 1, open=False)


@access.needs(access.SEE, access.TEACH)
@require_safe
def manage(request: HttpRequest) -> HttpResponseBase:
    return access.show(
        request,
        "feed.html",
        _("My calendar"),
        address=address_of(access.person(request)),
    )


@access.needs(access.SEE, access.TEACH)
@require_POST
def renew(request: HttpRequest) -> HttpResponseBase:
    open_for(access.person(request))
    return redirect("training-staff:feed")


@access.needs(access.SEE, access.TEACH)
@require_POST
def close(request: HttpRequest) -> HttpResponseBase:
    close_for(access.person(request))
    return redirect("training-staff:feed")


@require_safe
@login_not_required
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """What a calendar program fetches, without a log-in."""
    if throttle.is_slowed(request):
        return throttle.slow_down(request)
    claim = links.read(PURPOSE, token)
    found = claim and (
        CalendarFeed.objects.filter(
            uuid=claim.subject,
            generation=claim.version,
            open=True,
            user__is_active=True,
        )
        .select_related("user")
        .first()
    )
    if not found:
        throttle.count_bad_link(request)
        raise Http404
    with translation.override(found.user.language):
        content = _write(found.user, clock.now())
    return HttpResponse(
        content,
        "text/calendar; charset=utf-8",
        headers={"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"},
    )


def _write(user: User, at: datetime) -> bytes:
    given = Q(trainers=user)
    if user.role == Role.SALES_REP:
        given |= Q(seats__account__rep=user, seats__state__in=Seat.LIVE)
    sessions = (
        Session.objects.filter(given, starts_at__range=(at - BACK, at + AHEAD))
        .select_related("course")
        .distinct()
        .order_by("starts_at", "pk")
    )
    theirs = _companies(user, sessions) if user.role == Role.SALES_REP else {}
    told = [(one, _tell(one, theirs.get(one.pk, ()))) for one in sessions]
    return appointments.of_sessions(_("Training"), told, at)


def _companies(user: User, sessions: Iterable[Session]) -> Mapping[int, set[str]]:
    """Session id → the companies of the rep that have a seat in it."""
    found: dict[int, set[str]] = {}
    rows = Seat.objects.live().filter(session__in=list(sessions), account__rep=user)
    for session_id, name in rows.values_list("session_id", "account__name"):
        found.setdefault(session_id, set()).add(name)
    return found


def _tell(session: Session, companies: Collection[str]) -> str:
    """Companies and numbers; no names of people: calendars are shared."""
    text = ngettext("%(n)d of %(all)d seat", "%(n)d of %(all)d seats", session.capacity)
    lines = [text % {"n": session.taken, "all": session.capacity}]
    return "\n".join([*lines, *sorted(companies)])
