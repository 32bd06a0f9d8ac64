"""What training did: the report, the names behind each number, and both as files."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.customers import sheets
from accounts.journal import clock
from accounts.staff.models import User
from campaigns.training.models import Course
from campaigns.training.results import breakdown, lists
from campaigns.training.results.lists import Company, Listed
from campaigns.training.results.report import Report, report
from campaigns.training.results.scope import TOLD_BEFORE, WINDOW, Scope

from . import access

SEE_NAMES = "customers.view_account"
PAGE = 100


@access.needs(access.RESULTS, access.SEE)
@require_safe
def results(request: HttpRequest) -> HttpResponseBase:
    scope = _scope(request)
    return access.show(
        request,
        "results.html",
        _("What training did"),
        report=report(scope),
        scope=scope,
        courses=Course.objects.filter(sessions__isnull=False).distinct(),
        trainers=User.objects.filter(training_sessions__isnull=False).distinct(),
        asked=scope.asked(),
        lines=breakdown.page(scope, _by(request, scope), _page(request)),
        ways=breakdown.By,
        window=WINDOW.days,
        told_before=TOLD_BEFORE.days,
        may_see_names=request.user.has_perm(SEE_NAMES),
    )


@access.needs(access.RESULTS, access.SEE)
@require_safe
def results_csv(request: HttpRequest) -> HttpResponseBase:
    return sheets.download("training.csv", _figures(report(_scope(request))))


@access.needs(SEE_NAMES)
@require_safe
def names(request: HttpRequest) -> HttpResponseBase:
    scope = _scope(request)
    found = _listed(request, scope)
    return access.show(
        request,
        "names.html",
        str(found.label),
        listed=found,
        page=Paginator(found.rows, PAGE).get_page(_page(request)),
        asked=scope.asked(),
    )


@access.needs(SEE_NAMES)
@require_safe
def names_csv(request: HttpRequest) -> HttpResponseBase:
    found = _listed(request, _scope(request))
    lines = _people(found) if found.is_of_people else _companies(found)
    return sheets.download(f"training-{found.slug}.csv", lines)


def _scope(request: HttpRequest) -> Scope:
    """What is no number is as good as not asked for."""

    def key(name: str) -> int | None:
        return access.number(request.GET.get(name, "")) or None

    return Scope(clock.now(), key("session"), key("course"), key("trainer"))


def _page(request: HttpRequest) -> int:
    return max(access.number(request.GET.get("page", "")), 1)


def _by(request: HttpRequest, scope: Scope) -> breakdown.By:
    """The page of one session has it alone, and calls it by its name."""
    asked = request.GET.get("by", "")
    known = asked in breakdown.By.values and not scope.session_id
    return breakdown.By(asked) if known else breakdown.By.SESSION


def _listed(request: HttpRequest, scope: Scope) -> Listed:
    found = lists.find(request.GET.get("list", ""), scope)
    if found is None:
        raise Http404
    return found


def _companies(found: Listed) -> Iterator[Sequence[Any]]:
    yield (
        _("Customer number"),
        _("Account"),
        _("Segment"),
        _("Attended"),
        _("First online order"),
        _("Stage at that time"),
        _("Segment at that time"),
        _("Rhythm at that time"),
    )
    for one in found.companies:
        yield _company(one)


def _company(one: Company) -> Sequence[Any]:
    came, ordered = (
        localtime(moment).strftime("%Y-%m-%d") if moment else ""
        for moment in (one.came_at, one.online_first)
    )
    then = one.standing.words if one.standing else ("", "", "")
    return (one.number, one.name, one.segment, came, ordered, *then)


def _people(found: Listed) -> Iterator[Sequence[Any]]:
    yield (
        _("Customer number"),
        _("Account"),
        _("Person"),
        _("Session"),
        _("Rating"),
        _("What still stops you"),
        _("What would have helped"),
    )
    for word in found.words:
        seat = word.seat
        person = str(seat.buyer) if seat.buyer else seat.guest_name
        day = seat.session.day.isoformat()
        account = seat.account
        stops = word.get_barrier_display()
        yield (
            *(account.number, account.name, person, day),
            *(word.rating, stops, word.answer),
        )


def _figures(found: Report) -> Iterator[Sequence[Any]]:
    yield (_("Figure"), _("Accounts"))
    for number in (*found.funnel, *found.beside):
        yield (number.label, number.count)
    like = found.comparison
    yield (_("Compared: trained"), like.trained)
    yield (_("Compared: of these ordered"), like.ordered)
    yield (_("Compared: like accounts not trained"), like.others)
    yield (_("Compared: their share"), _share(like.others_rate))
    yield (_("Difference"), _share(like.difference))
    interval = like.interval
    yield (_("Difference, 95 % from"), _share(interval.low if interval else None))
    yield (_("Difference, 95 % to"), _share(interval.high if interval else None))


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
