"""Staff read the admin in their own language until they choose another one."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

# Elsewhere the reader is a customer, and a session says nothing about her language.
FOR_STAFF = ("/admin/", "/accounts/")


class StaffLanguageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if language := find_language(request):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        return self.get_response(request)


def find_language(request: HttpRequest) -> str | None:
    """The language of the staff member who asks, unless the browser brings a choice."""
    if not request.path_info.startswith(FOR_STAFF):
        return None
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return None
    if not request.user.is_authenticated:
        return None
    language = request.user.language
    return language if language in dict(settings.LANGUAGES) else None
