"""Where counted links and the pixel lead: on to the stored address, or to a pixel.

GET changes nothing here either. That somebody's program fetched something is noted as
a report, as a provider's would be: no state of ours is another one afterwards.
"""

from base64 import b64decode
from uuid import UUID

import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.consent.pages import personal_page, speak
from accounts.customers import links
from campaigns.messages.measured import FOLLOW, SEEN, TRAP

from . import noticed, visitors, visits
from .noticed import Notice
from .visits import Way

log = structlog.get_logger(__name__)

_PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@login_not_required
@require_safe
@personal_page
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """On to where the link led when it was published, and nowhere else."""
    claim = links.read(FOLLOW, token)
    if claim is None:
        return _say(request, "nowhere", 404)
    try:
        way = visits.find(claim.subject, claim.version)
    except Error as error:
        log.warning("way_not_found", error=type(error).__name__)
        return _say(request, "later", 503)
    if claim.version == TRAP:
        _note(way, claim.subject, TRAP, visitors.TRAPPED)
        return _say(request, "trap", 200)
    if not way.address:
        return _say(request, "nowhere", 404)
    _note(way, claim.subject, claim.version, visitors.certainty(request))
    return HttpResponseRedirect(way.address)


@login_not_required
@require_safe
@personal_page
def pixel(request: HttpRequest, token: str) -> HttpResponse:
    """The same for everybody, so that nobody learns which tokens are ours."""
    claim = links.read(SEEN, token)
    if claim is not None:
        try:
            way = visits.find(claim.subject, TRAP)
        except Error as error:
            log.warning("way_not_found", error=type(error).__name__)
        else:
            _note(way, claim.subject, None, visitors.certainty(request))
    return HttpResponse(_PIXEL, content_type="image/gif")


def _note(way: Way, delivery: UUID, link: int | None, machine: int) -> None:
    if way.may_note:
        noticed.note(Notice(delivery, link, machine))


def _say(request: HttpRequest, what: str, status: int) -> HttpResponse:
    speak(request)
    return render(request, f"feedback/{what}.html", status=status)
