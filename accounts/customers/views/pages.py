"""What every page of ours in the admin needs: its frame, and who may open it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache

from accounts.customers.models import CustomerImport
from accounts.staff.models import User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def needs(permission: str) -> Callable[[View[P]], View[P]]:
    """Open to whom *permission* is given; nobody caches what she sees."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(
            request: HttpRequest, /, *args: P.args, **options: P.kwargs
        ) -> HttpResponseBase:
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
    return TemplateResponse(request, f"admin/customers/{template}", frame)


def find(batch_id: int) -> CustomerImport:
    return get_object_or_404(
        CustomerImport.objects.select_related("created_by", "applied_by"), pk=batch_id
    )


def person(request: HttpRequest) -> User:
    """Who is logged in, for pages that nobody else can reach."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
