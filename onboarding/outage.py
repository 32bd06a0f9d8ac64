"""What is answered while the database is away: not now, and nothing is lost."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

#: Seconds after which a page asks again by itself, and a program may.
COME_AGAIN = 20


def show_error(request: HttpRequest) -> HttpResponse:
    """The page for every error of ours; Django calls it while it handles one."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return _show_outage(request)
    return server_error(request)


def _show_outage(request: HttpRequest) -> HttpResponse:
    answer = _tell_program() if _is_program(request) else _tell_person(request)
    answer["Retry-After"] = str(COME_AGAIN)
    answer["Cache-Control"] = "no-store"
    return answer


def _is_program(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def _tell_program() -> HttpResponse:
    told = {"detail": "The database cannot be reached. Send the same again later."}
    return JsonResponse(told, status=503)


def _tell_person(request: HttpRequest) -> HttpResponse:
    # Without the request: what stands in its context would ask the database.
    asks_again = COME_AGAIN if request.method == "GET" else None
    page = render_to_string("503.html", {"asks_again": asks_again})
    return HttpResponse(page, status=503)
