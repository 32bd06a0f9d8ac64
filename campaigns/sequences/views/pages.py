"""What every page of ours in the admin needs: its frame, and who may open it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

from accounts.staff.models import User
from campaigns.sequences.models import Campaign

#: Figures are for everybody who plans or reads; names for those who see customers.
SEE_PEOPLE = "customers.view_buyer"

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)
View = Callable[Concatenate[HttpRequest, P], R]


def needs(permission: str) -> Callable[[View[P, R]], View[P, R]]:
    """Open to whom *permission* is given; nobody caches what she sees."""

    def guard(view: View[P, R]) -> View[P, R]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **options: P.kwargs) -> R:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **options)

        return never_cache(guarded)

    return guard


def show(
    request: HttpRequest, template: str, title: str, **context: Any
) -> TemplateResponse:
    """Render *template* of ours inside the admin's frame."""
    request.current_app = admin.site.name
    frame = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, f"admin/sequences/{template}", frame)


def text(data: QueryDict, name: str, most: int = 100) -> str:
    """What was typed, without what no column takes: NUL, and more than *most*."""
    return str(data.get(name, "")).replace("\x00", "").strip()[:most]


def number(data: QueryDict, name: str) -> int | None:
    """A whole number that a key can be; None for anything else."""
    typed = str(data.get(name, ""))
    return (
        int(typed)
        if typed.isascii() and typed.isdecimal() and len(typed) < 19
        else None
    )


def find(campaign_id: int) -> Campaign:
    return get_object_or_404(Campaign, pk=campaign_id)


def person(request: HttpRequest) -> User:
    """Who is logged in, for pages that nobody else can reach."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
