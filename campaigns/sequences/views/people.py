"""The names behind every figure of a campaign, and one buyer's story in it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.customers import search as search_for
from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.messages.models import OutboxMail
from campaigns.sequences import reasons, schedule
from campaigns.sequences.models import Campaign, Delivery, Enrolment, Step
from campaigns.sequences.results import progress, story
from campaigns.sequences.views import pages

PAGE = 50


@require_safe
@pages.needs("sequences.view_delivery")
def deliveries(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The messages of one figure: which part of the sum, for which reason and step."""
    campaign = pages.find(campaign_id)
    asked = request.GET
    found = _of_search(_messages(campaign, asked), pages.text(asked, "search"))
    page = Paginator(found, PAGE).get_page(asked.get("page"))
    return pages.show(
        request,
        "campaign/deliveries.html",
        _("Messages"),
        campaign=campaign,
        rows=[_Shown(row) for row in page.object_list],
        page=page,
        parts=progress.PART_LABELS.items(),
        part=pages.text(asked, "part"),
        reason=pages.text(asked, "reason", 40),
        reason_label=reasons.label(pages.text(asked, "reason", 40)),
        steps=Step.objects.filter(version__campaign=campaign).select_related("message"),
        step=pages.number(asked, "step"),
        search=pages.text(asked, "search"),
    )


def _messages(campaign: Campaign, asked: Any) -> QuerySet[Delivery]:
    found = campaign.deliveries.select_related("buyer__account", "step__message")
    if (part := asked.get("part")) in progress.PARTS:
        found = found.filter(state__in=progress.PARTS[part])
    if reason := pages.text(asked, "reason", 40):
        found = found.filter(reason=reason)
    if (step := pages.number(asked, "step")) is not None:
        found = found.filter(step=step)
    return found.order_by("due_at", "pk")


def _of_search(found: QuerySet[Delivery], search: str) -> QuerySet[Delivery]:
    if not search:
        return found
    people = Buyer.objects.filter(search_for.buyers(search))
    return found.filter(buyer__in=people)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A message in the list, with its reason as people read it."""

    row: Delivery

    @property
    def label(self) -> str:
        return reasons.label(self.row.reason) if self.row.reason else ""

    @property
    def part(self) -> str:
        return progress.part_of(self.row.state)


@require_safe
@pages.needs("sequences.view_enrolment")
def enrolments(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The people of one figure: under way, through all steps, or gone and why."""
    campaign = pages.find(campaign_id)
    asked = request.GET
    found = _people(campaign, asked)
    page = Paginator(found, PAGE).get_page(asked.get("page"))
    return pages.show(
        request,
        "campaign/enrolments.html",
        _("People"),
        campaign=campaign,
        rows=[
            (row, _next(row), reasons.label(row.exit_reason))
            for row in page.object_list
        ],
        page=page,
        states=Enrolment.State.choices,
        state=pages.text(asked, "state"),
        reason=pages.text(asked, "reason", 40),
        reason_label=reasons.label(pages.text(asked, "reason", 40)),
        step=pages.number(asked, "step"),
        search=pages.text(asked, "search"),
        strangers=_strangers(pages.text(asked, "search"), page.paginator.count),
    )


def _strangers(search: str, found: int) -> list[Buyer]:
    """Whom somebody looked for who is not in the campaign: her story says why."""
    if found or not search:
        return []
    matches = Buyer.objects.filter(search_for.buyers(search))
    return list(matches.select_related("account")[:10])


def _people(campaign: Campaign, asked: Any) -> QuerySet[Enrolment]:
    found = campaign.enrolments.select_related("buyer__account")
    if (state := asked.get("state")) in Enrolment.State.values:
        found = found.filter(state=state)
    if reason := pages.text(asked, "reason", 40):
        found = found.filter(exit_reason=reason)
    if (step := pages.number(asked, "step")) is not None:
        found = found.filter(position=step, state=Enrolment.State.ACTIVE)
    if search := pages.text(asked, "search"):
        people = Buyer.objects.filter(search_for.buyers(search))
        found = found.filter(buyer__in=people)
    return found.order_by("buyer__account__name", "buyer__last_name", "pk")


def _next(row: Enrolment) -> tuple[str, str] | None:
    """When her next step is due, as her clock shows it, and the zone of that clock."""
    if row.due_at is None:
        return None
    zone = row.buyer.time_zone or row.buyer.account.time_zone
    return schedule.wall_clock(row.due_at, zone), zone


@require_safe
@pages.needs("sequences.view_delivery")
def one(request: HttpRequest, campaign_id: int, buyer_id: int) -> HttpResponse:
    """Why did she get it, or not: every step of this campaign for one buyer."""
    campaign = pages.find(campaign_id)
    buyer = get_object_or_404(Buyer.objects.select_related("account"), pk=buyer_id)
    told = story.tell(campaign, buyer, clock.now())
    return pages.show(
        request,
        "campaign/story.html",
        str(buyer),
        campaign=campaign,
        buyer=buyer,
        story=told,
        mails=_mails(request, told),
    )


def _mails(request: HttpRequest, told: story.Story) -> dict[UUID, int]:
    """Delivery → the mail of it that stayed here, as far as the reader may see it."""
    if not request.user.has_perm("campaign_messages.view_outboxmail"):
        return {}
    sent = [one.delivery.uuid for one in told.chapters if one.delivery]
    kept = OutboxMail.objects.shown_to(request.user).filter(delivery_uuid__in=sent)
    return {uuid: pk for uuid, pk in kept.values_list("delivery_uuid", "pk") if uuid}
