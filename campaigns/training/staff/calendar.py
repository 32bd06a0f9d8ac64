"""The calendar of sessions, a month at a time; and what has no month: none at all."""

from datetime import date, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.journal import clock
from campaigns.training import overview
from campaigns.training.models import Course, Session

from . import access


@access.needs(access.SEE, access.TEACH)
@require_safe
def sessions(request: HttpRequest) -> HttpResponseBase:
    at = clock.now()
    today = localdate(at)
    mine = access.sessions(request)
    course = request.GET.get("course", "")
    chosen = mine.filter(course=int(course)) if _is_id(course) else mine
    asked = _month(request.GET.get("month", ""))
    first = asked or _coming(chosen, today).replace(day=1)
    last = _next(first) - timedelta(days=1)
    return access.show(
        request,
        "calendar.html",
        _("Training sessions"),
        weeks=overview.weeks(overview.between(chosen, first, last)),
        any_session=mine.exists(),
        month=first,
        before=first - timedelta(days=1),
        after=_next(first),
        today=today,
        courses=Course.objects.filter(sessions__in=mine).distinct(),
        course=course,
        at=at,
    )


def _month(text: str) -> date | None:
    """ "2026-11" → its first day; None for anything else, and where time ends."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return first if date.min.year < first.year < date.max.year else None


def _coming(sessions: QuerySet[Session], today: date) -> date:
    """The day of the next session: at a month's end that is not this month's."""
    days = sessions.filter(day__gte=today).order_by("day")
    return days.values_list("day", flat=True).first() or today


def _next(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
