"""Addresses that no page of ours makes, and no database reads."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBadRequest, HttpResponseBase
from django.utils.translation import gettext as _

Answer = Callable[[HttpRequest], HttpResponseBase]


class QueryMiddleware:
    """Turns a NUL in the query away: PostgreSQL's texts cannot hold one."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", ""):
            told = _("This address is damaged. Open the page from the menu again.")
            return HttpResponseBadRequest(told, content_type="text/plain")
        return self.get_response(request)
