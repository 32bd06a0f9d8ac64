"""What training did: the report, the names behind each number, and both as files."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.customers import sheets
from accounts.journal import clock
from accounts.staff.models import User
from campaigns.training.models import Course
from campaigns.training.results.report import LISTS, Report, of_list, report
from campaigns.training.results.rows import Row, read
from campaigns.training.results.scope import TOLD_BEFORE, WINDOW, Scope

from . import access

SEE_NAMES = "customers.view_account"


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
    scope, slug, rows = _listed(request)
    return access.show(
        request,
        "names.html",
        str(LISTS[slug][0]),
        rows=rows[:1000],
        number=len(rows),
        slug=slug,
        asked=scope.asked(),
    )


@access.needs(SEE_NAMES)
@require_safe
def names_csv(request: HttpRequest) -> HttpResponseBase:
    _chosen, slug, rows = _listed(request)
    return sheets.download(f"training-{slug}.csv", _names(rows))


def _scope(request: HttpRequest) -> Scope:
    """What is no number is as good as not asked for."""

    def key(name: str) -> int | None:
        typed = request.GET.get(name, "")
        known = typed.isascii() and typed.isdecimal() and len(typed) < 19
        return int(typed) if known else None

    return Scope(clock.now(), key("session"), key("course"), key("trainer"))


def _listed(request: HttpRequest) -> tuple[Scope, str, list[Row]]:
    slug = request.GET.get("list", "")
    if slug not in LISTS:
        raise Http404
    scope = _scope(request)
    return scope, slug, of_list(slug, read(scope), scope)


def _names(rows: Sequence[Row]) -> Iterator[Sequence[Any]]:
    yield (
        _("Customer number"),
        _("Account"),
        _("Segment"),
        _("Attended"),
        _("First online order"),
    )
    for row in rows:
        came, ordered = (
            moment.strftime("%Y-%m-%d") if moment else ""
            for moment in (row.came_at, row.online_first)
        )
        yield (row.number, row.name, row.segment, came, ordered)


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
