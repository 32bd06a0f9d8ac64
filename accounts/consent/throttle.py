"""Slows down who tries links that are not ours. Without its cache it lets all pass."""

from collections.abc import Callable
from time import monotonic

import structlog
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .pages import speak

log = structlog.get_logger(__name__)

#: Bad links per address and minute. A whole company may share one address, and mail
#: scanners open good links by the hundred: those are never counted.
MOST = 30
PERIOD_SECONDS = 60
#: A cache that failed is not asked again for so long: a frozen one costs every visitor
#: a second.
REST_SECONDS = 30


class Cautious:
    """Asks the cache, and takes no answer for an answer."""

    def __init__(self) -> None:
        self.rests_until = 0.0

    def ask(self, question: Callable[[], int]) -> int:
        if monotonic() < self.rests_until:
            return 0
        try:
            return question()
        except Exception as error:  # noqa: BLE001 - whatever it is, visitors come first
            self.rests_until = monotonic() + REST_SECONDS
            log.warning("throttle_without_cache", error=type(error).__name__)
            return 0


cautious = Cautious()


def is_slowed(request: HttpRequest) -> bool:
    return cautious.ask(lambda: int(cache.get(_key(request), 0))) >= MOST


def slow_down(request: HttpRequest) -> HttpResponse:
    """The page of who is slowed, whichever kind of link she came with."""
    speak(request)
    response = render(request, "consent/slow_down.html", status=429)
    response["Retry-After"] = str(PERIOD_SECONDS)
    return response


def count_bad_link(request: HttpRequest) -> None:
    cautious.ask(lambda: _increase(_key(request)))


def _increase(key: str) -> int:
    if cache.add(key, 1, PERIOD_SECONDS):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # its minute ended in between
        return 1


def _key(request: HttpRequest) -> str:
    return f"bad-links:{_client(request)}"


def _client(request: HttpRequest) -> str:
    """The address of the client, as the proxies that we trust saw it."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    seen = request.headers.get("X-Forwarded-For", "").split(",")
    if proxies and len(seen) >= proxies:
        return seen[-proxies].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
