"""A sales rep's own page: the sessions her companies come to, and her calendar.

Outside the admin, which reps do not enter.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.consent.pages import personal_page, speak
from accounts.journal import clock
from accounts.staff.models import Role, User
from campaigns.training.models import Seat, Session

from . import feeds

Page = Callable[[HttpRequest, User], HttpResponse]
View = Callable[[HttpRequest], HttpResponse]


def _for_rep(page: Page) -> View:
    @wraps(page)
    def guarded(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or user.role != Role.SALES_REP:
            raise PermissionDenied
        speak(request, user.language)
        return page(request, user)

    return personal_page(login_required(guarded))


@require_safe
@_for_rep
def mine(request: HttpRequest, user: User) -> HttpResponse:
    """Her companies' seats from today on, and the address for her own calendar."""
    context = {
        "name": user.name,
        "sessions": coming(user, clock.now()),
        "address": feeds.address_of(user),
    }
    return render(request, "training/reps/mine.html", context)


def coming(user: User, at: datetime) -> Sequence[tuple[Session, Sequence[Seat]]]:
    """Sessions that are not over, each with the seats of her companies. One query."""
    rows = (
        Seat.objects.live()
        .filter(account__rep=user, session__ends_at__gt=at)
        .select_related("session__course", "account", "buyer")
        .order_by("session__starts_at", "session_id", "account__name", "pk")
    )
    grouped = groupby(rows, key=lambda seat: seat.session)
    return [(session, list(seats)) for session, seats in grouped]


@require_POST
@_for_rep
def renew(request: HttpRequest, user: User) -> HttpResponse:
    feeds.open_for(user)
    return redirect("training-feed:mine")


@require_POST
@_for_rep
def close(request: HttpRequest, user: User) -> HttpResponse:
    feeds.close_for(user)
    return redirect("training-feed:mine")
