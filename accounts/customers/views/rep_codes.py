"""Codes of sales reps that nobody on the staff answers to, and who shall."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.customers import clock, reps
from accounts.customers.forms import RepForm

from . import pages


@require_http_methods(["GET", "POST"])
@pages.needs("customers.change_account")
def assign(request: HttpRequest) -> HttpResponseBase:
    if request.method == "POST":
        form = RepForm(request.POST)
        if form.is_valid():
            return _assign(request, form)
        messages.error(request, _("Choose a sales rep."))
    waiting = [
        (code, count, RepForm(initial={"code": code}, auto_id=f"id_{place}_%s"))
        for place, (code, count) in enumerate(reps.unmatched())
    ]
    return pages.show(
        request, "reps.html", _("Sales rep codes without a person"), waiting=waiting
    )


def _assign(request: HttpRequest, form: RepForm) -> HttpResponseBase:
    code, user = form.cleaned_data["code"], form.cleaned_data["user"]
    count = reps.assign(code, user, clock.now())
    said = ngettext(
        "%(count)d account now belongs to %(name)s.",
        "%(count)d accounts now belong to %(name)s.",
        count,
    )
    messages.success(request, said % {"count": count, "name": user})
    return redirect("admin:customers_account_reps")
