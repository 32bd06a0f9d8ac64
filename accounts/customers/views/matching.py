"""Say what each column holds, how values are to be read, and on what grounds."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.customers import columns, lifecycle, problems, tasks, uploads
from accounts.customers.forms import LayoutForm, MatchForm
from accounts.customers.models import CustomerImport
from accounts.customers.readers import BadFile

from . import pages


def match(request: HttpRequest, batch: CustomerImport) -> HttpResponseBase:
    """The page, and with POST the order to check the file."""
    form = MatchForm(batch, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _check(request, batch, form)
    return pages.show(
        request,
        "imports/match.html",
        batch.file_name,
        batch=batch,
        form=form,
        layout=LayoutForm(batch),
        twin=uploads.twin_of(batch),
        problem=problems.sentence(batch.error) if batch.error else "",
    )


def _check(
    request: HttpRequest, batch: CustomerImport, form: MatchForm
) -> HttpResponseBase:
    here = redirect("admin:customers_customerimport_change", batch.pk)
    try:
        asked = lifecycle.ask_check(batch, form.mapping, form.chosen, form.declared)
    except lifecycle.AlreadyOpen:
        messages.error(request, _("The same file lies open as another import."))
        return here
    if asked:
        batch.refresh_from_db()
        columns.remember(batch)
        tasks.ring_on_commit(batch.pk)
    return here


@require_POST
@pages.needs("customers.change_customerimport")
def read_again(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """With another encoding, separator or sheet."""
    batch = pages.find(batch_id)
    form = LayoutForm(batch, request.POST)
    if form.is_valid():
        try:
            uploads.look_again(batch, form.layout)
        except BadFile as bad:
            messages.error(request, str(problems.sentence(bad.code)))
    response = redirect("admin:customers_customerimport_change", batch_id)
    response["Location"] += "?columns=1"
    return response
