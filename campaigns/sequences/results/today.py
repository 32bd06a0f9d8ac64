"""The admin's first page: what is under way, what waits for a person, first steps.

Every app adds what it knows by `register`; this one adds campaigns and, of the floors
below, whatever their own tables say.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.customers.models import Account, CustomerImport
from accounts.journal import clock
from accounts.journal.models import EventPoison, UnmatchedEvent
from accounts.staff.models import User
from campaigns.messages import carriers
from campaigns.messages.models import Brand, Message
from campaigns.sequences import reasons
from campaigns.sequences.models import Campaign, Delivery, Lane
from campaigns.sequences.results import progress
from campaigns.sequences.results.progress import Line
from campaigns.sequences.views import sending

Label = str | Promise

#: Who lacks one of these may not be told that nothing waits: much may.
WATCHING = (
    "sequences.view_delivery",
    "journal.view_unmatchedevent",
    "customers.view_customerimport",
)

#: So many campaigns the first page shows; the list has the others.
MOST = 6


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that waits for a person: one sentence with its number, and where."""

    sentence: str
    address: str
    tone: str = "warn"


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One step of setting up; ``done`` once it needs nobody any more."""

    title: str
    explanation: str
    address: str
    done: bool


@dataclass(frozen=True, slots=True)
class UnderWay:
    campaign: Campaign
    line: Line

    @property
    def standing(self) -> str:
        return progress.standing(self.campaign, self.line.is_done)

    @property
    def standing_label(self) -> Label:
        return progress.standing_label(self.campaign, self.line.is_done)


Source = Callable[[User, datetime], Iterable[Concern]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Let *source* say what waits for a person; it asks few and cheap questions."""
    _sources[name] = source


def show(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the admin's first page is filled with; called by Unfold."""
    user = request.user
    if not isinstance(user, User):
        return context
    at = clock.now()
    steps = first_steps(user)
    return {
        **context,
        "title": _("Today"),
        "now": at,
        "under_way": under_way(user),
        "concerns": list(concerns(user, at)),
        "sees_all": user.has_perms(WATCHING),
        "first_steps": steps,
        "is_new": any(not step.done for step in steps),
        **_sending(user, at),
    }


def _sending(user: User, at: datetime) -> dict[str, Any]:
    may_see = user.has_perm("sequences.view_campaign")
    return sending.notice(user, at) if may_see else {}


def under_way(user: User) -> list[UnderWay]:
    """Campaigns that run, start or pause, newest first; then drafts."""
    if not user.has_perm("sequences.view_campaign"):
        return []
    states = Campaign.State
    going = Campaign.objects.filter(
        state__in=(states.STARTING, states.RUNNING, states.PAUSED, states.DRAFT)
    )
    shown = sorted(going.order_by("-pk")[: 4 * MOST], key=_weight)[:MOST]
    lines = progress.lines([campaign.pk for campaign in shown])
    return [UnderWay(campaign, lines[campaign.pk]) for campaign in shown]


def _weight(campaign: Campaign) -> tuple[bool, int]:
    return (campaign.state == Campaign.State.DRAFT, -campaign.pk)


def concerns(user: User, at: datetime) -> Iterable[Concern]:
    """Everything that waits for a person who may do something about it."""
    for source in _sources.values():
        yield from source(user, at)


def _page(name: str, query: str = "") -> str:
    try:
        return f"{reverse(name)}{query}"
    except NoReverseMatch:
        return ""


def _of_campaigns(user: User, at: datetime) -> Iterable[Concern]:
    if not user.has_perm("sequences.view_delivery"):
        return
    if number := Delivery.objects.unknown().count():
        yield Concern(
            ngettext(
                "Of %(count)d message nobody can tell whether it arrived.",
                "Of %(count)d messages nobody can tell whether they arrived.",
                number,
            )
            % {"count": number},
            _page("admin:sequences_campaign_unknown"),
        )
    running = Delivery.objects.filter(campaign__state=Campaign.State.RUNNING)
    if number := running.overdue(at - progress.OVERDUE).count():
        yield Concern(
            ngettext(
                "%(count)d message is overdue.",
                "%(count)d messages are overdue.",
                number,
            )
            % {"count": number},
            _page("admin:sequences_delivery_changelist", "?state__exact=planned"),
            "bad",
        )


def _of_providers(user: User, at: datetime) -> Iterable[Concern]:
    if not user.has_perm("sequences.view_campaign"):
        return
    for lane in Lane.objects.exclude(stopped_at=None):
        told = _("No mail goes out through %(provider)s: %(reason)s.") % {
            "provider": carriers.name(lane.provider),
            "reason": reasons.label(lane.stopped_because),
        }
        yield Concern(told, _page("sending:live"), "bad")


def _of_the_journal(user: User, at: datetime) -> Iterable[Concern]:
    if not user.has_perm("journal.view_unmatchedevent"):
        return
    if number := _unmatched().count():
        yield Concern(
            ngettext(
                "%(count)d reported event matches no customer.",
                "%(count)d reported events match no customer.",
                number,
            )
            % {"count": number},
            _page("admin:journal_unmatchedevent_changelist"),
        )
    if number := EventPoison.objects.filter(settled_at=None).count():
        yield Concern(
            ngettext(
                "%(count)d event could not be counted and was set aside.",
                "%(count)d events could not be counted and were set aside.",
                number,
            )
            % {"count": number},
            _page("admin:journal_eventpoison_changelist"),
            "bad",
        )


def _unmatched() -> QuerySet[UnmatchedEvent]:
    return UnmatchedEvent.objects.filter(matched_at=None, dismissed_at=None)


def _of_customers(user: User, at: datetime) -> Iterable[Concern]:
    if not user.has_perm("customers.view_customerimport"):
        return
    yield from _of_imports(_page("admin:customers_customerimport_changelist"))
    if user.has_perm("customers.change_account") and (number := unmatched_reps()):
        yield Concern(
            ngettext(
                "The sales rep of %(count)d company is not among the users.",
                "The sales reps of %(count)d companies are not among the users.",
                number,
            )
            % {"count": number},
            _page("admin:customers_account_reps"),
        )


def _of_imports(page: str) -> Iterable[Concern]:
    states = CustomerImport.State
    if number := CustomerImport.objects.filter(state=states.FAILED).count():
        told = ngettext("%(count)d import failed.", "%(count)d imports failed.", number)
        yield Concern(told % {"count": number}, f"{page}?state__exact=failed", "bad")
    if number := CustomerImport.objects.filter(state=states.CHECKED).count():
        told = ngettext(
            "%(count)d import is checked and waits to be applied.",
            "%(count)d imports are checked and wait to be applied.",
            number,
        )
        yield Concern(told % {"count": number}, f"{page}?state__exact=checked")


def unmatched_reps() -> int:
    """Accounts whose rep the ERP names by a code that no user has."""
    return Account.objects.filter(rep=None).exclude(rep_code="").count()


register("campaigns", _of_campaigns)
register("providers", _of_providers)
register("journal", _of_the_journal)
register("customers", _of_customers)


def first_steps(user: User) -> list[FirstStep]:
    """From nothing to the first campaign, in order; shown until all are done."""
    return [
        FirstStep(
            _("Import your customers"),
            _("A CSV or Excel file from the ERP. You see what it would do first."),
            _page("admin:customers_customerimport_add"),
            Account.objects.exists(),
        ),
        FirstStep(
            _("Say who writes"),
            _("Your company, the sender’s address and the postal address."),
            _page("admin:campaign_messages_brand_add"),
            Brand.objects.exists(),
        ),
        FirstStep(
            _("Plan a campaign"),
            _("With a playbook: invitation, reminder, first-order nudge."),
            _page("admin:sequences_campaign_add"),
            Campaign.objects.exists(),
        ),
        FirstStep(
            _("Read and change the messages"),
            _("They come with the playbook, in your languages."),
            _page("admin:campaign_messages_message_changelist"),
            Message.objects.exists(),
        ),
        FirstStep(
            _("Review and start"),
            _("See who gets what and when before anything is sent."),
            _page("admin:sequences_campaign_changelist"),
            Campaign.objects.exclude(state=Campaign.State.DRAFT).exists(),
        ),
    ]
