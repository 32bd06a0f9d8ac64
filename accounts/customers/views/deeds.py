"""What a person can have done with an import: apply, cancel, undo. POST only."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.customers import lifecycle, tasks
from accounts.customers.models import CustomerImport

from . import pages

CHANGE = "customers.change_customerimport"
#: Who applies declares on what legal basis the customers may be written to.
APPLY = "customers.apply_customerimport"


@require_POST
@pages.needs(APPLY)
def apply(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    by = pages.person(request)
    return _ask(request, batch_id, lambda batch: lifecycle.ask_apply(batch, by))


@require_POST
@pages.needs(APPLY)
def undo(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    if "confirm" not in request.POST:
        messages.error(request, _("Tick the box: customers will be taken back."))
        return redirect("admin:customers_customerimport_change", batch_id)
    return _ask(request, batch_id, lifecycle.ask_undo)


@require_POST
@pages.needs(CHANGE)
def cancel(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    if lifecycle.cancel(pages.find(batch_id)):
        messages.success(request, _("Cancelled. No customer was changed."))
    return redirect("admin:customers_customerimport_change", batch_id)


def _ask(
    request: HttpRequest, batch_id: int, deed: Callable[[CustomerImport], bool]
) -> HttpResponseBase:
    """Have it done once; whoever clicks again finds it under way."""
    if deed(pages.find(batch_id)):
        tasks.ring_on_commit(batch_id)
    return redirect("admin:customers_customerimport_change", batch_id)
