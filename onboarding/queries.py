"""Addresses that no page of ours makes, and no database reads."""

from collections.abc import Callable

import structlog
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

log = structlog.get_logger(__name__)

Answer = Callable[[HttpRequest], HttpResponseBase]


class QueryMiddleware:
    """Turns away what a query cannot mean: a NUL, which PostgreSQL's texts cannot
    hold, and numbers and years beyond what it counts."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", ""):
            return _damaged()
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        """Only where somebody asked for something: else the fault is ours."""
        asked = request.method in {"GET", "HEAD"} and request.META.get("QUERY_STRING")
        if not asked or not isinstance(error, (DataError, OverflowError)):
            return None
        log.warning("query_beyond_reach", error=type(error).__name__)
        return _damaged()


def _damaged() -> HttpResponse:
    told = _("This address is damaged. Open the page from the menu again.")
    return HttpResponseBadRequest(told, content_type="text/plain")
