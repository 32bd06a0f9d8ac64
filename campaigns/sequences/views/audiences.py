"""Whom a rule reaches: figures while it is being edited, and the names behind them.

Both read only. They are asked by POST as well as GET because a rule with thousands
of pasted customer numbers does not fit into an address.
"""

import json
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.sequences import reasons
from campaigns.sequences.audiences import audience, conditions
from campaigns.sequences.audiences.conditions import Rule
from campaigns.sequences.audiences.rule_forms import RuleForm
from campaigns.sequences.views import pages

PAGE = 50


def figures(
    rule: RuleForm, at: datetime, *, goal: str = "", campaign_id: int | None = None
) -> dict[str, Any]:
    """What the panel beside the conditions shows; nothing where they are not valid."""
    try:
        stored = _valid(rule)
        return {
            "count": audience.count(stored, at, goal=goal),
            "elsewhere": audience.elsewhere(stored, at, campaign_id),
            "unknown_numbers": audience.unknown_numbers(stored),
        }
    except conditions.BadRule as bad:
        return {"count": None, "rule_problems": bad.problems}


def _valid(rule: RuleForm) -> Rule:
    if not rule.is_bound:
        return rule.stored
    if not rule.is_valid():
        raise conditions.BadRule(
            rule.problems or [_("Complete the conditions to see whom they reach.")]
        )
    return rule.rule


@require_POST
@pages.needs("sequences.view_campaign")
def count(request: HttpRequest) -> JsonResponse:
    """The figures for the conditions as they stand in the browser, not yet saved."""
    found = figures(
        RuleForm("audience", data=request.POST),
        clock.now(),
        goal=pages.text(request.POST, "goal"),
        campaign_id=pages.number(request.POST, "campaign"),
    )
    counted = found["count"]
    return JsonResponse(
        {
            "buyers": counted.buyers if counted else None,
            "accounts": counted.accounts if counted else None,
            "reachable": counted.reachable if counted else None,
            "short": _short(counted.buyers) if counted else "",
            "html": render_to_string(
                "admin/sequences/parts/count.html", found, request=request
            ),
        }
    )


def _short(buyers: int) -> str:
    told = ngettext("%(shown)s buyer", "%(shown)s buyers", buyers)
    return told % {"shown": intcomma(buyers)}


@require_http_methods(["GET", "HEAD", "POST"])
@pages.needs(pages.SEE_PEOPLE)
def names(request: HttpRequest, campaign_id: int | None = None) -> HttpResponse:
    """Who is in, and who is not and why; searched, page by page."""
    asked = request.POST if request.method == "POST" else request.GET
    rule = _rule_of(request, campaign_id)
    at = clock.now()
    reason = asked.get("reason") if asked.get("reason") in _LISTS else None
    search = pages.text(asked, "search")
    goal = pages.text(asked, "goal")
    try:
        found = audience.members(rule, at, reason=reason, search=search, goal=goal)
    except conditions.BadRule as bad:
        raise BadRequest("; ".join(bad.problems)) from bad
    page = Paginator(found, PAGE).get_page(asked.get("page"))
    return pages.show(
        request,
        "campaign/names.html",
        _("Who is in the audience"),
        campaign=pages.find(campaign_id) if campaign_id else None,
        people=_with_reasons(list(page.object_list), rule, at, goal),
        page=page,
        rule=json.dumps(rule),
        described=conditions.describe(rule),
        reason=reason,
        goal=goal,
        lists=[(slug, _title(slug)) for slug in _LISTS],
        search=search,
    )


_LISTS = ("", *audience.NOT_SENT, *audience.LEFT_OUT)


def _title(slug: str) -> str:
    return reasons.label(slug) if slug else _("Get it")


def _with_reasons(
    people: list[Buyer], rule: Rule, at: datetime, goal: str
) -> list[tuple[Buyer, str]]:
    found = audience.reasons_of(rule, at, [buyer.pk for buyer in people], goal=goal)
    return [(buyer, _title(found.get(buyer.pk, ""))) for buyer in people]


def _rule_of(request: HttpRequest, campaign_id: int | None) -> Rule:
    if campaign_id is not None:
        stored: Rule = pages.find(campaign_id).audience
        return stored
    return _posted_rule(request.POST)


def _posted_rule(data: QueryDict) -> Rule:
    """From the rows of the editor, or as one text when paging through the list."""
    if "rule" not in data:
        form = RuleForm("audience", data=data)
        if not form.is_valid():
            raise BadRequest("These conditions are not complete.")
        return form.rule
    try:
        rule = json.loads(str(data["rule"]))
    except (ValueError, RecursionError) as error:
        raise BadRequest("This is no rule.") from error
    if conditions.problems(rule):
        raise BadRequest("This is no rule.")
    return dict(rule)
