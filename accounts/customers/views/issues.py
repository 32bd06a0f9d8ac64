"""The refused lines as a file, to be put right where they came from."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.customers import sheets
from accounts.customers.models import CustomerImport

from . import pages, standing


@require_safe
@pages.needs("customers.view_customerimport")
def download(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    asked = request.GET.get("show")
    shown = standing.REMARKS if asked == standing.REMARKS else standing.REFUSED
    batch = pages.find(batch_id)
    return sheets.download(f"import-{batch.pk}-{shown}.csv", _lines(batch, shown))


def _lines(batch: CustomerImport, shown: str) -> Iterator[list[object]]:
    yield [
        _("Line"),
        _("Customer number"),
        _("Column"),
        _("Value"),
        _("Left out"),
        _("Reason"),
    ]
    for one in standing.issues_of(batch, shown).iterator(2_000):
        yield [
            one.line,
            one.label,
            one.column,
            one.shown,
            one.get_part_display(),
            one.sentence,
        ]
