"""What happened to one buyer or account: the events behind her name, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Account, Buyer
from accounts.journal import channels, kinds
from accounts.journal.models import Event
from campaigns.sequences import reasons
from campaigns.sequences.models import Delivery

Label = str | Promise

PAGE = 100
PLACED_BY = dict(channels.PlacedBy.choices)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. Only what the figures rest on is shown of its details."""

    kind: Label
    occurred_at: datetime
    recorded_at: datetime
    source: str
    buyer: str
    buyer_id: int | None
    channel: Label
    placed_by: Label
    document: str
    amount: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One message to the buyer and what became of it."""

    campaign: str
    campaign_id: int | None
    name: str
    state: Label
    reason: Label
    at: datetime


def of_buyer(buyer: Buyer, page: int = 1) -> list[Entry]:
    return list(_entries(Event.objects.filter(buyer=buyer), page))


def of_account(account: Account, page: int = 1) -> list[Entry]:
    """With the events of its buyers."""
    return list(_entries(Event.objects.filter(account=account), page))


def _entries(events: QuerySet[Event], page: int) -> Iterator[Entry]:
    """One row more than a page, where there are more."""
    first = (page - 1) * PAGE
    found = events.select_related("buyer").order_by("-occurred_at", "-id")
    for event in found[first : first + PAGE + 1]:
        yield _entry(event)


def _entry(event: Event) -> Entry:
    data = event.data
    return Entry(
        kind=kinds.label(event.kind),
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        source=event.source,
        buyer=str(event.buyer or ""),
        buyer_id=event.buyer_id,
        channel=channels.LABELS.get(str(data.get("channel", "")), "")
        if "channel" in data
        else "",
        placed_by=PLACED_BY.get(str(data.get("placed_by", "")), ""),
        document=str(data.get("document", "")),
        amount=_amount(data.get("amount")),
        currency=str(data.get("currency", "")),
    )


def _amount(value: object) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def mails(buyer: Buyer) -> list[Mail]:
    """The latest messages planned for her, sent or not."""
    found = Delivery.objects.filter(buyer=buyer).select_related("campaign", "step")
    return [_mail(delivery) for delivery in found.order_by("-due_at", "-id")[:PAGE]]


def _mail(delivery: Delivery) -> Mail:
    return Mail(
        campaign=str(delivery.campaign or ""),
        campaign_id=delivery.campaign_id,
        name=str(delivery.step or _("Service message")),
        state=Delivery.State(delivery.state).label,
        reason=reasons.label(delivery.reason) if delivery.reason else "",
        at=delivery.settled_at or delivery.due_at,
    )
