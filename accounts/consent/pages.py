"""What every page behind a personal link has in common: its headers, its language."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import add_never_cache_headers

View = TypeVar("View", bound=Callable[..., HttpResponse])

#: ``?language=es`` shows a page in that language and remembers it in a cookie.
SWITCH = "language"
A_YEAR = 365 * 24 * 60 * 60


def personal_page(view: View) -> View:
    """Keep the page out of caches, search engines and other sites' logs."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        remember_language(request, response)
        return response

    return cast("View", guarded)


def speak(request: HttpRequest, preferred: str = "") -> None:
    """Use the language asked for: by the switch, by its cookie, else *preferred*."""
    chosen = _asked(request) or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    language = chosen if _known(chosen) else preferred
    if _known(language):
        translation.activate(str(language))


def remember_language(request: HttpRequest, response: HttpResponse) -> None:
    if language := _asked(request):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=A_YEAR,
            path=settings.LANGUAGE_COOKIE_PATH,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _asked(request: HttpRequest) -> str | None:
    """The language of the switch: a link, so that it works without a script."""
    asked = request.GET.get(SWITCH) if request.method in {"GET", "HEAD"} else None
    return asked if _known(asked) else None


def _known(language: str | None) -> bool:
    return language in dict(settings.LANGUAGES)
