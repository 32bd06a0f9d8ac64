"""Who may read reports, and what every page of them is given."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.journal import clock
from campaigns.adoption import sheets
from campaigns.adoption.forms import FrameForm
from campaigns.adoption.frames import Frame

PERMISSION = "adoption.view_figures"
#: Figures are for analysts too; who stands behind them is not.
NAMES = "customers.view_buyer"

View = Callable[..., HttpResponseBase]


def reader(view: View) -> View:
    """Only for staff whose role reads figures; GET and HEAD only."""

    @wraps(view)
    def guarded(request: HttpRequest, *keys: Any, **named: Any) -> HttpResponseBase:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return view(request, *keys, **named)

    return require_safe(admin.site.admin_view(guarded))


def namer(view: View) -> View:
    """Only for readers who may see persons as well."""

    @wraps(view)
    def guarded(request: HttpRequest, *keys: Any, **named: Any) -> HttpResponseBase:
        if not request.user.has_perm(NAMES):
            raise PermissionDenied
        return view(request, *keys, **named)

    return reader(guarded)


def asked(request: HttpRequest, *, of_months: bool = False) -> tuple[FrameForm, Frame]:
    form = FrameForm(request.GET, clock.now(), of_months=of_months)
    return form, form.frame()


def show(
    request: HttpRequest, template: str, title: str | Promise, **context: Any
) -> HttpResponse:
    site = admin.site.each_context(request)
    frame = {**site, "title": title, "may_see_names": request.user.has_perm(NAMES)}
    return render(request, f"adoption/{template}", {**frame, **context})


def send(
    request: HttpRequest, name: str, rows: Iterable[sheets.Row]
) -> StreamingHttpResponse:
    """A CSV file, streamed; ``?excel=1`` as spreadsheets like it."""
    lines = sheets.lines(
        rows, excel="excel" in request.GET, comma=get_language() == "es"
    )
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response
