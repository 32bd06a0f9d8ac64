"""Openings and clicks of a campaign for staff: by step, by name, and the switch."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.customers import sheets
from accounts.journal import clock
from campaigns.sequences.models import Campaign, Delivery, Step
from campaigns.sequences.planning import counting
from campaigns.sequences.views import pages

from . import figures, listing
from .figures import LABELS, Counts, What

PAGE = 50
SWITCH = "sequences.send_campaign"


@dataclass(frozen=True, slots=True)
class Cell:
    label: str
    number: int
    #: Of whom, where the number has names behind it.
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    sent: int
    cells: list[Cell]


@require_safe
@pages.needs("sequences.view_campaign")
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    found = pages.find(campaign_id)
    counted = figures.by_step(found)
    steps = Step.objects.filter(version__campaign=found).select_related("message")
    lines = [
        _line(found, f"{number}. {step}", counted.get(step.pk, Counts()), step.pk)
        for number, step in enumerate(steps, start=1)
    ]
    return _show(
        request,
        "campaign.html",
        _("Openings and clicks"),
        found,
        lines=lines,
        total=_line(found, _("Together"), figures.total(counted.values())),
        labels=LABELS.values(),
        may_switch=request.user.has_perm(SWITCH),
        **figures.willing(found),
    )


def _line(found: Campaign, label: str, counts: Counts, step: int | None = None) -> Line:
    address = reverse("openings:names", args=[found.pk])
    asked = {} if step is None else {"step": step}
    cells = [
        Cell(
            str(LABELS[what]),
            counts.of(what),
            f"{address}?{urlencode({'what': what, **asked})}",
        )
        for what in What
    ]
    return Line(label, counts.sent, cells)


@require_safe
@pages.needs("sequences.view_delivery")
def names(request: HttpRequest, campaign_id: int) -> HttpResponse:
    found = pages.find(campaign_id)
    what = _what(request)
    page = Paginator(_asked(request, found), PAGE).get_page(request.GET.get("page"))
    return _show(
        request,
        "names.html",
        str(LABELS[what]),
        found,
        page=page,
        rows=page.object_list,
        what=what,
        whats=LABELS.items(),
        steps=Step.objects.filter(version__campaign=found).select_related("message"),
        step=pages.number(request.GET, "step"),
    )


@require_safe
@pages.needs("sequences.view_delivery")
def names_csv(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    found = _asked(request, pages.find(campaign_id))
    return sheets.download(f"{_what(request)}.csv", listing.lines(found))


def _asked(request: HttpRequest, found: Campaign) -> QuerySet[Delivery]:
    """The messages behind the number that was asked for."""
    if not request.user.has_perm(pages.SEE_PEOPLE):
        raise PermissionDenied
    rows = figures.names(found, _what(request))
    if (step := pages.number(request.GET, "step")) is not None:
        rows = rows.filter(step=step)
    rows = rows.select_related("buyer__account", "step__message")
    return rows.order_by("sent_at", "pk")


def _what(request: HttpRequest) -> What:
    asked = pages.text(request.GET, "what")
    return What(asked) if asked in list(What) else What.MEASURED


@require_POST
@pages.needs(SWITCH)
def switch(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """To what was asked for, and not to the opposite: a second click does no harm."""
    found, on = pages.find(campaign_id), request.POST.get("on") == "yes"
    if counting.switch(found, on, pages.person(request), clock.now()):
        said = (
            _("From now on openings and clicks are measured, of buyers who agree.")
            if on
            else _("Nothing is measured any more. Links already sent still work.")
        )
        messages.success(request, said)
    return redirect("openings:campaign", campaign_id)


def _show(
    request: HttpRequest, template: str, title: str, found: Campaign, **context: object
) -> TemplateResponse:
    return pages.show(
        request, f"../feedback/{template}", title, campaign=found, **context
    )
