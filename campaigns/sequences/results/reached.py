"""Who reached a campaign's goal, and when: hers, a colleague's, or the company's."""

from dataclasses import dataclass
from datetime import datetime

from accounts.customers.models import Buyer
from accounts.journal.models import (
    AccountProgress,
    BuyerProgress,
    Event,
    KindProgress,
)
from campaigns.sequences import goals
from campaigns.sequences.goals import Goal, Unit


@dataclass(frozen=True, slots=True)
class Reached:
    """``by`` is None where the store did not say which buyer it was."""

    label: str
    at: datetime
    by: Buyer | None


def by_whom(slug: str, buyer: Buyer) -> Reached | None:
    """The first time, as the progress tables know it; at most two queries."""
    goal = goals.find(slug)
    at = _since(goal, buyer) if goal else None
    if goal is None or at is None:
        return None
    if goal.unit == Unit.BUYER:
        return Reached(str(goal.label), at, buyer)
    return Reached(str(goal.label), at, _who(goal, buyer, at))


def _since(goal: Goal, buyer: Buyer) -> datetime | None:
    own = goal.unit == Unit.BUYER
    if goal.column:
        table = BuyerProgress if own else AccountProgress
        key = buyer.pk if own else buyer.account_id
        rows = table.objects.filter(pk=key)
        found: datetime | None = rows.values_list(goal.column, flat=True).first()
        return found
    return (
        KindProgress.objects.filter(
            account_id=buyer.account_id,
            buyer_id=buyer.pk if own else 0,
            kind=goal.kind,
        )
        .values_list("first_at", flat=True)
        .first()
    )


def _who(goal: Goal, buyer: Buyer, at: datetime) -> Buyer | None:
    """An event whose buyer became known later has a correction that names her."""
    events = Event.objects.filter(
        account=buyer.account_id, kind=goal.kind, occurred_at=at
    )
    named = events.exclude(buyer=None).select_related("buyer").order_by("pk").first()
    return named.buyer if named else None
