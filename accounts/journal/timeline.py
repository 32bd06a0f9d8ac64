"""What happened to an account or a buyer, newest first, for cards and pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.customers.models import Account, Buyer

from . import amounts, channels, kinds
from .channels import PlacedBy
from .models import Event


@dataclass(frozen=True, slots=True)
class Moment:
    """One event; ``buyer`` is a name, empty where nobody is known."""

    event_id: int
    at: datetime
    recorded_at: datetime
    kind: str
    label: str | Promise
    buyer_id: int | None = None
    buyer: str = ""
    channel: str | Promise = ""
    on_behalf: bool = False
    amount: Decimal | None = None
    currency: str = ""
    document: str = ""


def of_account(
    account: Account, limit: int = 50, before: Moment | None = None
) -> list[Moment]:
    """Newest first; `before` the last one shown, for the next page.

    An event whose buyer became known later is one moment, with the buyer.
    """
    rows = _page(Event.objects.filter(account=account, corrects=None), limit, before)
    corrections = Event.objects.filter(
        account=account, kind__in={row.kind for row in rows}, corrects__in=_ids(rows)
    ).select_related("buyer")
    known = {row.corrects: row.buyer for row in corrections}
    return [moment_of(row, row.buyer or known.get(row.pk)) for row in rows]


def of_buyer(
    buyer: Buyer, limit: int = 50, before: Moment | None = None
) -> list[Moment]:
    rows = _page(Event.objects.filter(buyer=buyer), limit, before)
    return [moment_of(row, buyer) for row in rows]


def _page(
    events: QuerySet[Event], limit: int, before: Moment | None
) -> Sequence[Event]:
    if before is not None:
        earlier = Q(occurred_at=before.at, pk__lt=before.event_id)
        events = events.filter(Q(occurred_at__lt=before.at) | earlier)
    return list(events.select_related("buyer").order_by("-occurred_at", "-pk")[:limit])


def _ids(rows: Sequence[Event]) -> list[int]:
    return [row.pk for row in rows]


def moment_of(event: Event, buyer: Buyer | None) -> Moment:
    data: Mapping[str, Any] = event.data
    return Moment(
        event_id=event.pk,
        at=event.occurred_at,
        recorded_at=event.recorded_at,
        kind=event.kind,
        label=_label(event),
        buyer_id=buyer.pk if buyer else None,
        buyer=str(buyer) if buyer else "",
        channel=channels.LABELS.get(data["channel"], "") if "channel" in data else "",
        on_behalf=data.get("placed_by") == PlacedBy.ON_BEHALF,
        amount=amount_of(data),
        currency=str(data.get("currency", "")),
        document=str(data.get("document", "")),
    )


def _label(event: Event) -> str | Promise:
    """What was taken back is named: "Taken back: Trained"."""
    if event.kind != kinds.RETRACTED:
        return kinds.label(event.kind)
    what = kinds.label(event.data.get("kind", ""))
    return _("Taken back: %(what)s") % {"what": what}


def amount_of(data: Mapping[str, Any]) -> Decimal | None:
    try:
        return amounts.read(data["amount"])
    except (KeyError, amounts.BadAmount):
        return None
