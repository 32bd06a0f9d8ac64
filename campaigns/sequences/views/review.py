"""Looking at a plan before it is started: who gets what and when, and what is wrong."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.customers import search as search_for
from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.messages.syntax import BadSource
from campaigns.sequences import goals
from campaigns.sequences.audiences import audience, conditions
from campaigns.sequences.models import Campaign, Step
from campaigns.sequences.planning import drafts, forecast, lifecycle, preview
from campaigns.sequences.results import domains
from campaigns.sequences.views import pages

PAGE = 50
SEND = "sequences.send_campaign"


@require_safe
@pages.needs("sequences.view_campaign")
def review(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = pages.find(campaign_id)
    if campaign.state != Campaign.State.DRAFT:
        return redirect("admin:sequences_campaign_change", campaign.pk)
    at = clock.now()
    steps = list(drafts.steps_of(campaign).select_related("message__brand", "version"))
    problems = lifecycle.problems(campaign, at)
    context = _audience(request, campaign, steps, at)
    return pages.show(
        request,
        "campaign/review.html",
        _("Review"),
        campaign=campaign,
        steps=steps,
        plan=[(step, conditions.describe(step.only_if)) for step in steps],
        goal=goals.label(campaign.goal),
        described=conditions.describe(campaign.audience),
        problems=problems,
        domains=domains.of_steps(steps),
        may_send=request.user.has_perm(SEND),
        seen=_seen(campaign, context["count"]),
        may_change=request.user.has_perm("sequences.change_campaign"),
        campaign_names=reverse("admin:sequences_campaign_audience", args=[campaign.pk]),
        now=at,
        **context,
        **_shown_message(request, steps, at),
    )


def _seen(campaign: Campaign, counted: audience.Count | None) -> str:
    return confirmation(campaign, counted) if counted else ""


def _audience(
    request: HttpRequest, campaign: Campaign, steps: list[Step], at: datetime
) -> dict[str, Any]:
    """The figures and the first names; nothing where the rule cannot be read."""
    search = pages.text(request.GET, "search")
    try:
        counted = _count(campaign, steps, at)
        people = audience.members(campaign.audience, at, search=search)
        figures = {
            "count": counted,
            "elsewhere": audience.elsewhere(campaign.audience, at, campaign.pk),
            "unknown_numbers": audience.unknown_numbers(campaign.audience),
            "waves": forecast.waves(campaign, steps, at) if steps else [],
            "search": search,
        }
        if not request.user.has_perm(pages.SEE_PEOPLE):
            return figures
        page = Paginator(people, PAGE).get_page(request.GET.get("page"))
        return {
            **figures,
            "page": page,
            "people": forecast.of(campaign, steps, list(page.object_list), at),
            "outside": _outside(campaign, search, page.paginator.count, at),
        }
    except conditions.BadRule as bad:
        return {"count": None, "rule_problems": bad.problems, "search": search}


def _count(campaign: Campaign, steps: Sequence[Step], at: datetime) -> audience.Count:
    service = forecast.is_service(steps)
    return audience.count(campaign.audience, at, goal=campaign.goal, service=service)


def _outside(
    campaign: Campaign, search: str, found: int, at: datetime
) -> list[tuple[Buyer, str]]:
    """Whom somebody looked for in vain, and why she is not in the audience."""
    if not search or found:
        return []
    matches = Buyer.objects.filter(search_for.buyers(search)).select_related("account")
    people = list(matches[:10])
    why = audience.reasons_of(campaign.audience, at, [buyer.pk for buyer in people])
    return [(buyer, why.get(buyer.pk, "")) for buyer in people]


def _shown_message(
    request: HttpRequest, steps: list[Step], at: datetime
) -> dict[str, Any]:
    """The one message that the page shows, as the buyer who was asked for gets it."""
    step = _chosen(steps, pages.number(request.GET, "step"))
    if step is None:
        return {}
    buyer = _buyer(request, pages.number(request.GET, "buyer"))
    languages = preview.languages_of(step)
    # A given buyer gets her own language; a sample reads best in that of its reader.
    asked = request.GET.get("language", "" if buyer else get_language() or "")
    language = asked if asked in languages else ""
    shown: dict[str, Any] = {
        "shown_step": step,
        "shown_buyer": buyer,
        "languages": languages,
        "language": language,
    }
    try:
        composed = preview.compose_for(step, buyer, language, at=at)
    except (preview.NoText, BadSource):
        return {**shown, "mail_problem": _("This message cannot be shown yet.")}
    return {**shown, "mail": composed}


def _chosen(steps: list[Step], number: int | None) -> Step | None:
    found = [step for step in steps if step.pk == number]
    return next(iter(found or steps), None)


def _buyer(request: HttpRequest, number: int | None) -> Buyer | None:
    if number is None or not request.user.has_perm(pages.SEE_PEOPLE):
        return None
    return Buyer.objects.select_related("account").filter(pk=number).first()


@require_POST
@pages.needs("sequences.change_campaign")
def send_test(request: HttpRequest, campaign_id: int, step_id: int) -> HttpResponse:
    """Mail one step's message to whoever asks for it, and to nobody else."""
    step = get_object_or_404(
        Step.objects.select_related(
            "message__brand", "version__campaign", "message_version"
        ),
        pk=step_id,
        version__campaign=campaign_id,
    )
    me = pages.person(request)
    buyer = _buyer(request, pages.number(request.POST, "buyer"))
    try:
        mail = preview.trial_mail(
            step,
            buyer,
            pages.text(request.POST, "language"),
            to=me.email,
            at=clock.now(),
        )
        mail.send()
    except (preview.NoText, BadSource):
        _tell(
            request,
            messages.ERROR,
            _("This message cannot be sent yet: it has no text."),
        )
    except OSError:
        _tell(
            request, messages.ERROR, _("The mail server did not take the test message.")
        )
    else:
        _tell(
            request, messages.SUCCESS, _("Sent to %(address)s.") % {"address": me.email}
        )
    return redirect(_back(campaign_id, step, buyer))


def _tell(request: HttpRequest, level: int, text: str) -> None:
    """Said again beside the button: the page comes back far below its head."""
    messages.add_message(request, level, text, extra_tags="test")


def _back(campaign_id: int, step: Step, buyer: Buyer | None) -> str:
    address = reverse("admin:sequences_campaign_review", args=[campaign_id])
    chosen = f"&buyer={buyer.pk}" if buyer else ""
    return f"{address}?step={step.pk}{chosen}#messages"


@require_POST
@pages.needs(SEND)
def start(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Begin: only for the audience whose size somebody has just confirmed."""
    campaign = pages.find(campaign_id)
    at = clock.now()
    if campaign.state == Campaign.State.DRAFT and not _confirmed(request, campaign, at):
        return redirect("admin:sequences_campaign_review", campaign.pk)
    try:
        if lifecycle.start(campaign, pages.person(request), at):
            messages.success(request, _("Started. Messages go out at their hours."))
    except lifecycle.CannotStart as hindered:
        for problem in hindered.problems:
            messages.error(request, str(problem))
        return redirect("admin:sequences_campaign_review", campaign.pk)
    return redirect("admin:sequences_campaign_change", campaign.pk)


def _confirmed(request: HttpRequest, campaign: Campaign, at: datetime) -> bool:
    if "confirm" not in request.POST:
        messages.error(request, _("Tick the box to confirm to whom you are writing."))
        return False
    try:
        now = _count(campaign, list(drafts.steps_of(campaign)), at)
    except conditions.BadRule as bad:
        messages.error(request, " ".join(bad.problems))
        return False
    seen = request.POST.get("seen", "")
    if seen != confirmation(campaign, now):
        messages.error(
            request,
            ngettext(
                "The plan or its audience changed since you looked: now %(count)d "
                "buyer. Look again, please.",
                "The plan or its audience changed since you looked: now %(count)d "
                "buyers. Look again, please.",
                now.buyers,
            )
            % {"count": now.buyers},
        )
        return False
    return True


def confirmation(campaign: Campaign, counted: audience.Count) -> str:
    """What is confirmed: this plan, for so many."""
    plan = drafts.fingerprint(campaign)
    return f"{plan}.{counted.buyers}.{counted.reachable}"
