"""Bring a file."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.customers import problems, uploads
from accounts.customers.forms import UploadForm
from accounts.customers.readers import BadFile

from . import pages


@require_http_methods(["GET", "POST"])
@pages.needs("customers.add_customerimport")
def upload(request: HttpRequest) -> HttpResponseBase:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(
                "admin:customers_customerimport_change", _receive(request, form)
            )
        except BadFile as bad:
            form.add_error("file", _say(bad))
    return pages.show(request, "imports/upload.html", _("Import a file"), form=form)


def _receive(request: HttpRequest, form: UploadForm) -> int:
    file, kind = form.cleaned_data["file"], form.cleaned_data["kind"]
    try:
        return uploads.receive(file, file.name, kind, pages.person(request)).pk
    except uploads.Known as known:
        text = _("This file lies open already; here is how far it has come.")
        messages.info(request, text)
        return known.batch.pk


def _say(bad: BadFile) -> str:
    sentence = problems.sentence(bad.code)
    if bad.line is None:
        return str(sentence)
    said = {"line": bad.line, "problem": sentence}
    return _("Line %(line)d: %(problem)s") % said
