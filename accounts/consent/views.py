"""Lists of suppressed addresses in the admin: a page to take one in, one as a file."""

from pathlib import Path

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.customers import clock, problems, sheets
from accounts.customers.readers import BadFile
from accounts.customers.views import pages

from . import lists
from .forms import ListForm

PAGE = "../consent/list.html"


@require_http_methods(["GET", "POST"])
@pages.needs("consent.add_suppression")
def take_in(request: HttpRequest) -> HttpResponseBase:
    form = ListForm(request.POST or None, request.FILES or None)
    taken = _take_in(request, form) if form.is_valid() else None
    title = _("Import addresses to leave alone")
    return pages.show(request, PAGE, title, form=form, taken=taken)


def _take_in(request: HttpRequest, form: ListForm) -> lists.Taken | None:
    file = form.cleaned_data["file"]
    try:
        return lists.take_in(
            Path(file.temporary_file_path()),
            form.cleaned_data["scope"],
            name=_("List %(name)s") % {"name": file.name},
            by=pages.person(request),
            at=clock.now(),
        )
    except BadFile as bad:
        form.add_error("file", str(problems.sentence(bad.code)))
    return None


@require_safe
@pages.needs("consent.view_suppression")
def give_out(request: HttpRequest) -> HttpResponseBase:
    return sheets.download("suppressed.csv", lists.lines())
