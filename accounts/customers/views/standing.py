"""One address for the whole life of an import: what to do next, or how it stands."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_safe

from accounts.customers import jobs, problems, reps
from accounts.customers.importing import lists
from accounts.customers.lifecycle import CHECKABLE
from accounts.customers.models import CustomerImport, ImportIssue

from . import matching, pages

State = CustomerImport.State
PER_PAGE = 50
#: Lists beside those of the kind.
REFUSED, REMARKS, STAYED = "refused", "remarks", "stayed"


@require_http_methods(["GET", "POST"])
@pages.needs("customers.view_customerimport")
def show(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    batch = pages.find(batch_id)
    may_change = request.user.has_perm("customers.change_customerimport")
    wants_columns = request.method == "POST" or "columns" in request.GET
    matchable = batch.state in CHECKABLE and may_change
    if matchable and (batch.state == State.UPLOADED or wants_columns):
        return matching.match(request, batch)
    if batch.state in CustomerImport.BUSY:
        return pages.show(
            request,
            "imports/busy.html",
            batch.file_name,
            batch=batch,
            may_change=may_change,
        )
    return pages.show(
        request,
        "imports/result.html",
        batch.file_name,
        may_change=may_change,
        **_result(request, batch),
    )


@require_safe
@pages.needs("customers.view_customerimport")
def live(request: HttpRequest, batch_id: int) -> JsonResponse:
    """The moving part, asked for every few seconds while the page is open."""
    batch = pages.find(batch_id)
    html = render_to_string(
        "admin/customers/imports/parts/progress.html", {"batch": batch}, request
    )
    return JsonResponse({"state": batch.state, "html": html})


def _result(request: HttpRequest, batch: CustomerImport) -> dict[str, Any]:
    kind = jobs.kind(batch.kind)
    shown = request.GET.get("show", "")
    return {
        "batch": batch,
        "kind": kind,
        "figures": _figures(batch, kind),
        "shown": shown,
        "page": _page(request, batch, kind, shown),
        "issues": shown in (REFUSED, REMARKS),
        "problem": problems.sentence(batch.error) if batch.error else "",
        "reps_unmatched": _waiting_reps(batch),
        "can_undo": kind.undo is not None,
        "stayed": len(lists.stayed(batch)) if batch.state == State.UNDONE else 0,
        "changes_something": _changes_something(batch),
    }


def _figures(batch: CustomerImport, kind: jobs.Kind) -> list[dict[str, Any]]:
    return [
        {
            "slug": figure.count,
            "label": figure.label,
            "number": batch.counts.get(figure.count, 0),
            "opens": _opens(batch, figure),
        }
        for figure in kind.figures
    ]


def _opens(batch: CustomerImport, figure: jobs.Figure) -> bool:
    """Unchanged lines are not kept once the import is applied."""
    if figure.lines is None or not batch.counts.get(figure.count):
        return False
    return batch.state == State.CHECKED or not figure.count.endswith("_same")


def _page(
    request: HttpRequest, batch: CustomerImport, kind: jobs.Kind, shown: str
) -> Any:
    rows = _rows(batch, kind, shown)
    if rows is None:
        return None
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def _rows(batch: CustomerImport, kind: jobs.Kind, shown: str) -> Any:
    if shown == STAYED:
        return lists.stayed(batch)
    if shown in (REFUSED, REMARKS):
        return issues_of(batch, shown)
    for figure in kind.figures:
        if figure.count == shown and figure.lines is not None:
            return figure.lines(batch)
    return None


def issues_of(batch: CustomerImport, shown: str) -> Any:
    severity = (
        ImportIssue.Severity.REFUSED
        if shown == REFUSED
        else ImportIssue.Severity.REMARK
    )
    return ImportIssue.objects.filter(batch=batch, severity=severity).order_by(
        "line", "id"
    )


def _waiting_reps(batch: CustomerImport) -> list[Any]:
    """Codes of this file that nobody answers to, as far as nobody does by now."""
    known = reps.directory()
    told: list[Any] = batch.counts.get("reps_unmatched", [])
    return [pair for pair in told if pair[0] not in known]


def _changes_something(batch: CustomerImport) -> bool:
    kind = jobs.kind(batch.kind)
    if not kind.figures:
        return True
    return any(
        batch.counts.get(figure.count)
        for figure in kind.figures
        if not figure.count.endswith("_same")
    )
