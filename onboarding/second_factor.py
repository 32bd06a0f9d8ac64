"""Those who may do most prove themselves twice: led to it at their first log-in."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.staff import second_factor
from accounts.staff.models import User

#: Where staff works; the log-in's own pages stay open, or nobody could set one up.
GUARDED = ("/admin/",)
OPEN = ("/accounts/", "/language/", "/static/", "/brand/", "/favicon.ico")


class SecondFactorMiddleware:
    """Without her second factor somebody who needs one is a stranger elsewhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.REQUIRE_SECOND_FACTOR and _lacks_one(request):
            if request.path_info.startswith(GUARDED):
                return redirect("second_factor")
            request.user = AnonymousUser()
        return self.get_response(request)


def _lacks_one(request: HttpRequest) -> bool:
    if request.path_info.startswith(OPEN):
        return False
    user = request.user
    return (
        isinstance(user, User)
        and second_factor.is_needed_by(user)
        and not second_factor.has(user)
    )


@never_cache
@login_required
@require_safe
def lead(request: HttpRequest) -> HttpResponseBase:
    """Why one is needed, and the two ways to get one."""
    if isinstance(request.user, User) and second_factor.has(request.user):
        return redirect("admin:index")
    return render(request, "account/second_factor.html")
