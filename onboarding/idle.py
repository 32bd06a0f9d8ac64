"""Staff sessions end after a while of nothing, and after twelve hours anyhow."""

from collections.abc import Callable
from time import time

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase

BEGAN = "session_began"
SEEN = "session_seen"
# Written at most once a minute: a page with twenty requests is one write.
GRAIN_SECONDS = 60


class IdleMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SEEN in request.session and request.user.is_authenticated:
            _keep_or_end(request, int(time()))
        return self.get_response(request)


def is_over(*, began: int, seen: int, now: int) -> bool:
    idle = now - seen > settings.SESSION_IDLE_SECONDS
    return idle or now - began > settings.SESSION_COOKIE_AGE


def _keep_or_end(request: HttpRequest, now: int) -> None:
    seen, began = request.session[SEEN], request.session.get(BEGAN, 0)
    if is_over(began=began, seen=seen, now=now):
        logout(request)
    elif now - seen > GRAIN_SECONDS:
        request.session[SEEN] = now


@receiver(user_logged_in)
def begin(
    sender: type[AbstractBaseUser],
    request: HttpRequest,
    user: AbstractBaseUser,
    **kwargs: object,
) -> None:
    request.session[BEGAN] = request.session[SEEN] = int(time())
