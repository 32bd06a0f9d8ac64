"""Materials and recordings: a person's POST opens them, and so is counted."""

from uuid import UUID

from csp.decorators import csp_update
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.training import entitled, handouts, recordings
from campaigns.training.models import Material, MaterialVersion, Session

from .finding import session_of
from .opening import for_visitor, show

leads_away = csp_update({"form-action": ["https:"], "media-src": ["https:"]})


@require_POST
@for_visitor
def open_material(request: HttpRequest, buyer: Buyer, uuid: UUID) -> HttpResponse:
    material = get_object_or_404(Material, uuid=uuid, active=True)
    version = handouts.current(material)
    if version is None or not entitled.may_open(buyer, material.course):
        raise Http404
    handouts.note_opened(version, buyer, clock.now())
    return handed_out(version)


def handed_out(version: MaterialVersion) -> HttpResponse:
    """A file as a download, whatever it is: no browser runs what somebody uploaded."""
    if version.content is None:
        return HttpResponseRedirect(version.url, status=303)
    headers = {
        "Content-Disposition": content_disposition_header(
            as_attachment=True, filename=version.file_name
        ),
        "X-Content-Type-Options": "nosniff",
    }
    content = bytes(version.content)
    return HttpResponse(content, "application/octet-stream", headers=headers)


@require_safe
@leads_away  # type: ignore[arg-type]
@for_visitor
def recording(request: HttpRequest, buyer: Buyer, uuid: UUID) -> HttpResponse:
    session = _watchable(buyer, uuid)
    return show(
        request,
        "recording.html",
        buyer,
        session=session,
        playable=entitled.is_playable(session),
    )


@require_POST
@for_visitor
def watch(request: HttpRequest, buyer: Buyer, uuid: UUID) -> HttpResponse:
    """Play was pressed, or the link followed; ``percent``: how far she came."""
    session, at = _watchable(buyer, uuid), clock.now()
    if not entitled.is_playable(session):
        recordings.watch(session, buyer, at)
        return HttpResponseRedirect(session.recording_url, status=303)
    told = request.POST.get("percent", "0")[:3]
    recordings.watch(session, buyer, at, int(told) if told.isdecimal() else 0)
    return HttpResponse(status=204)


def _watchable(buyer: Buyer, uuid: UUID) -> Session:
    session = session_of(buyer, uuid)
    if not entitled.may_watch(buyer, session):
        raise Http404
    return session
