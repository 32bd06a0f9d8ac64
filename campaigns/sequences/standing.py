"""Why a buyer may not be written to, as the audience tells it beforehand.

`verdicts` asks the same of each message when it is planned and before it is sent.
"""

from datetime import datetime

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When
from django.utils.timezone import get_default_timezone, localdate

from accounts.consent.models import MARKETING, Permission, Suppression
from accounts.journal.models import KindProgress
from campaigns.sequences import goals


def why_not(at: datetime, *, goal: str = "", service: bool = False) -> Case:
    """The first reason that keeps one buyer from getting a message, or ""."""
    return Case(
        When(active=False, then=Value("inactive")),
        When(ineligible(at), then=Value("ineligible")),
        When(reached(goal), then=Value("goal_reached")),
        When(Q(address_hash=None), then=Value("no_address")),
        When(_suppressed(service), then=Value("suppressed")),
        *([] if service else [When(~_permitted(), then=Value("no_permission"))]),
        default=Value(""),
        output_field=CharField(),
    )


def reached(slug: str) -> Q:
    """Buyers who, or whose company, have reached the goal; nobody for no goal."""
    goal = goals.find(slug)
    if goal is None:
        return Q(pk__in=[])
    if goal.column:
        path = "progress" if goal.unit == goals.Unit.BUYER else "account__progress"
        return Q(**{f"{path}__{goal.column}__isnull": False})
    buyer = OuterRef("pk") if goal.unit == goals.Unit.BUYER else Value(0)
    seen = KindProgress.objects.filter(
        account_id=OuterRef("account_id"), buyer_id=buyer, kind=goal.kind
    )
    return Q(Exists(seen))


def _permitted() -> Exists:
    return Exists(
        Permission.objects.filter(buyer=OuterRef("pk"), topic=MARKETING, allowed=True)
    )


def _suppressed(service: bool) -> Exists:
    scopes = [Suppression.Scope.ALL]
    if not service:
        scopes.append(Suppression.Scope.MARKETING)
    return Exists(
        Suppression.objects.filter(
            address_hash=OuterRef("address_hash"), scope__in=scopes, lifted_at=None
        )
    )


def may_be_enrolled(at: datetime) -> Q:
    return Q(active=True) & ~ineligible(at)


def ineligible(at: datetime) -> Q:
    """Companies that may not order online on the day of *at*: by their dates, else
    by today's word. Says the same as `eligibility.turn`, for any day."""
    day = localdate(at, get_default_timezone())
    undated = Q(account__ineligible_from=None, account__ineligible_until=None)
    begun = Q(account__ineligible_from=None) | Q(account__ineligible_from__lte=day)
    lasting = Q(account__ineligible_until=None) | Q(account__ineligible_until__gte=day)
    return (undated & Q(account__eligible=False)) | (~undated & begun & lasting)
