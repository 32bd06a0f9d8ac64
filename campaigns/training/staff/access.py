"""Who may open which page, and which sessions there are for her."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

from accounts.journal import clock
from accounts.staff.models import User
from campaigns.training import overview, seats
from campaigns.training.models import Seat, Session
from campaigns.training.models.sessions import Sessions

SEE = "training.view_session"
PLAN = "training.change_session"
#: Cancel or move a session: everybody who booked is told.
TELL_ALL = "training.tell_session"
#: Take attendance; of her own sessions only, without `SEE`.
TEACH = "training.teach"
RESULTS = "training.view_results"

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def needs(*permissions: str) -> Callable[[View[P]], View[P]]:
    """Open to whom any of *permissions* is given; nobody caches what she sees."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(
            request: HttpRequest, /, *args: P.args, **options: P.kwargs
        ) -> HttpResponseBase:
            if not any(request.user.has_perm(each) for each in permissions):
                raise PermissionDenied
            return view(request, *args, **options)

        return never_cache(admin.site.admin_view(guarded))

    return guard


def sessions(request: HttpRequest) -> Sessions:
    """All of them, or only those that she gives."""
    found = Session.objects.select_related("course", "pool", "account")
    if request.user.has_perm(SEE):
        return found
    return found.given_by(request.user)


def session(request: HttpRequest, session_id: int) -> Session:
    """With its numbers."""
    return get_object_or_404(overview.numbered(sessions(request)), pk=session_id)


def seat(request: HttpRequest, seat_id: int) -> Seat:
    found = Seat.objects.select_related(
        "session__course", "session__pool", "booking", "buyer", "account"
    )
    return get_object_or_404(found, pk=seat_id, session__in=sessions(request))


def person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def number(typed: str) -> int:
    """What a key or a page can be; 0 for anything else that was sent."""
    known = typed.isascii() and typed.isdecimal() and len(typed) < 19
    return int(typed) if known else 0


def act(request: HttpRequest, reason: str = "", source: str = "") -> seats.Act:
    """A deed of the person who is logged in, now."""
    source, said = source or Seat.Source.STAFF, reason.replace("\0", "")
    return seats.Act(clock.now(), source, by=person(request), reason=said[:200])


def show(
    request: HttpRequest, template: str, title: str, **context: Any
) -> TemplateResponse:
    request.current_app = admin.site.name
    frame = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/training/{template}", frame)


def attempt(request: HttpRequest, deed: Callable[[], object], done: str = "") -> bool:
    """Do it, and say what came of it; a refusal is told and nothing is lost."""
    try:
        deed()
    except seats.Refused as refused:
        messages.error(request, refused.text)
        return False
    if done:
        messages.success(request, done)
    return True
