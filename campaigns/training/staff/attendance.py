"""Bringing a webinar tool's attendance file, and saying who a stranger is."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.customers import problems, uploads
from accounts.customers.models import Buyer, CustomerImport
from accounts.customers.readers import BadFile
from campaigns.training.attendance.kind import SLUG
from campaigns.training.models import AttendanceLine, Session

from . import access

IMPORT = "customers.add_customerimport"
MOST_FOUND = 20
How = AttendanceLine.How


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Attendance file"),
        allow_empty_file=True,
        help_text=gettext_lazy(
            "As Zoom, Teams or Meet write it (CSV), or any list with names."
        ),
    )


@access.needs(IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest, session_id: int) -> HttpResponseBase:
    found = access.session(request, session_id)
    posted = request.method == "POST"
    form = FileForm(*((request.POST, request.FILES) if posted else ()))
    if posted and form.is_valid() and _is_given(found, form):
        try:
            return redirect(
                "admin:customers_customerimport_change",
                _receive(request, form, found.pk),
            )
        except BadFile as bad:
            form.add_error("file", str(problems.sentence(bad.code)))
    response = access.show(
        request, "bring.html", _("Attendance file"), session=found, form=form
    )
    response.status_code = 400 if posted else 200
    return response


def _is_given(session: Session, form: FileForm) -> bool:
    """To what was called off nobody came."""
    if session.is_cancelled:
        form.add_error("file", _("This session was cancelled."))
    return not session.is_cancelled


def _receive(request: HttpRequest, form: FileForm, session_id: int) -> int:
    file = form.cleaned_data["file"]
    options = {"session": str(session_id)}
    try:
        by = access.person(request)
        return uploads.receive(file, file.name, SLUG, by, options).pk
    except uploads.Known as known:
        text = _("This file lies open already; here is how far it has come.")
        messages.info(request, text)
        return known.batch.pk


@access.needs(IMPORT)
@require_http_methods(["GET", "HEAD", "POST"])
def match(request: HttpRequest, line_id: int) -> HttpResponseBase:
    """Who is meant by a line: as suggested, another buyer, or nobody."""
    line = get_object_or_404(
        AttendanceLine.objects.select_related("batch", "session", "seat__buyer"),
        pk=line_id,
        batch__state=CustomerImport.State.CHECKED,
    )
    if request.method == "POST":
        _choose(line.pk, request.POST.get("buyer", ""))
        return redirect("admin:customers_customerimport_change", line.batch_id)
    search = request.GET.get("q", line.name).replace("\0", "").strip()[:60]
    return access.show(
        request,
        "match.html",
        line.name or line.email,
        line=line,
        session=line.session,
        search=search,
        found=_search(search),
    )


def _search(search: str) -> list[Buyer]:
    if not search:
        return []
    rows = Buyer.objects.filter(active=True).select_related("account")
    for word in search.split():
        rows = rows.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(email_key__icontains=word.casefold())
            | Q(account__name__icontains=word)
        )
    return list(rows.order_by("account__name", "pk")[:MOST_FOUND])


@transaction.atomic
def _choose(line_id: int, typed: str) -> None:
    """ "seat": as suggested; a buyer's id; "" for nobody. Counts follow.

    Two people work on one list: whoever comes second sees what the first has done.
    """
    line = AttendanceLine.objects.select_related("session").get(pk=line_id)
    batch = _hold(line.batch_id)
    line.refresh_from_db(fields=["how", "buyer", "seat"])
    if batch is None:
        return
    before = line.how
    if typed == "seat" and line.seat_id:
        line.how = How.BY_HAND
    elif typed.isdecimal():
        buyer = get_object_or_404(Buyer, pk=access.number(typed), active=True)
        line.how, line.buyer = How.BY_HAND, buyer
        line.seat = line.session.seats.live().filter(buyer=buyer).first()
    else:
        line.how, line.buyer, line.seat = How.NOBODY, None, None
    line.save(update_fields=["how", "buyer", "seat"])
    _recount(batch, before, line.how)


def _hold(batch_id: int) -> CustomerImport | None:
    """None, where it was applied or cancelled meanwhile."""
    checked = CustomerImport.objects.filter(state=CustomerImport.State.CHECKED)
    return checked.select_for_update(no_key=True).filter(pk=batch_id).first()


def _recount(batch: CustomerImport, before: str, after: str) -> None:
    counts = dict(batch.counts)
    counts[before] = counts.get(before, 1) - 1
    counts[after] = counts.get(after, 0) + 1
    CustomerImport.objects.filter(pk=batch.pk).update(counts=counts)
