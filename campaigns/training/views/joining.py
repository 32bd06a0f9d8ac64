"""The way into a webinar: through our page, so that the room can change until then.

That she came this way is a hint, and no attendance.
"""

from datetime import datetime, timedelta
from uuid import UUID

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.training import joined
from campaigns.training.models import Seat, Session

from .finding import seat_of
from .opening import for_visitor, show

#: So long before its start the room is opened.
EARLY = timedelta(minutes=30)
COMING = (Seat.State.BOOKED, Seat.State.ATTENDED, Seat.State.NO_SHOW)

# Browsers hold form-action against the redirect that follows: meetings are elsewhere.
leads_away = csp_update({"form-action": ["https:"]})


def is_open(session: Session, at: datetime) -> bool:
    return (
        session.kind == Session.Kind.WEBINAR
        and not session.is_cancelled
        and bool(session.join_url)
        and session.starts_at - EARLY <= at < session.ends_at
    )


@require_safe
@leads_away  # type: ignore[arg-type]
@for_visitor
def join(request: HttpRequest, buyer: Buyer, uuid: UUID) -> HttpResponse:
    found = seat_of(buyer, uuid)
    if found.state not in COMING:
        return redirect("training:seat", uuid)
    at = clock.now()
    return show(
        request,
        "join.html",
        buyer,
        seat=found,
        session=found.session,
        joinable=is_open(found.session, at),
        past=found.session.ends_at <= at,
        opens_at=found.session.starts_at - EARLY,
    )


@require_POST
@for_visitor
def enter(request: HttpRequest, buyer: Buyer, uuid: UUID) -> HttpResponse:
    found, at = seat_of(buyer, uuid), clock.now()
    if found.state not in COMING or not is_open(found.session, at):
        return redirect("training:join", uuid)
    joined.note(found, at)
    return HttpResponseRedirect(found.session.join_url, status=303)
