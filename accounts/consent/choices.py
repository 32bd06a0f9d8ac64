"""What buyers choose: each choice is history, permission and suppression in one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Buyer, CustomerImport
from accounts.staff.models import User

from . import suppression
from .models import MARKETING, Choice, Permission, Suppression
from .privacy import names

#: Sources by which the buyer herself unsubscribed, and so may take it back herself.
PAGE = "unsubscribe_page"
ONE_CLICK = "one_click"
HER_OWN = frozenset({PAGE, ONE_CLICK})
#: What mail providers report: words of `campaigns.feedback`.
COMPLAINT, BY_PROVIDER = "complaint", "provider"
BOUNCED, BOUNCED_OFTEN = "bounced", "bounced_often"
ERASURE = "erasure"
SOURCES = {
    PAGE: _("Her unsubscribe page"),
    ONE_CLICK: _("Button of her mail program"),
    COMPLAINT: _("Complaint that the mail provider reported"),
    BY_PROVIDER: _("Unsubscription that the mail provider reported"),
    BOUNCED: _("Bounce: the address does not exist"),
    BOUNCED_OFTEN: _("Too many bounces in a short time"),
    ERASURE: _("The person's data were erased"),
}

TAKEN_BACK = "Taken back by the person on her unsubscribe page"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a buyer stands with commercial messages, as her own page shows it."""

    stopped: bool
    revocable: bool
    erased: bool = False


def describe_source(source: str) -> str | Promise:
    """For people: ours by name, what staff wrote as they wrote it."""
    return SOURCES.get(source, source)


def object_to_marketing(
    buyer: Buyer,
    source: str,
    wording: str,
    at: datetime,
    *,
    delivery_uuid: UUID | None = None,
    by: User | None = None,
    reason: str = Suppression.Reason.UNSUBSCRIBED,
) -> bool:
    """Stop commercial messages to the buyer and her address; whether it was news."""
    with transaction.atomic():
        buyer = lock(buyer)
        news = _suppress(buyer, reason, source, at, by) or not _objected(buyer)
        if news:
            choice = Choice(
                state=Choice.State.OBJECTED,
                source=source,
                wording=wording,
                occurred_at=at,
                delivery_uuid=delivery_uuid,
                recorded_by=by,
            )
            _record(buyer, choice)
    return news


def grant(
    buyer: Buyer,
    source: str,
    wording: str,
    at: datetime,
    *,
    delivery_uuid: UUID | None = None,
    by: User | None = None,
) -> None:
    """Record that the buyer agreed. A suppressed address stays suppressed."""
    choice = Choice(
        state=Choice.State.GRANTED,
        basis=CustomerImport.LegalBasis.CONSENT,
        source=source,
        wording=wording,
        occurred_at=at,
        delivery_uuid=delivery_uuid,
        recorded_by=by,
    )
    with transaction.atomic():
        _record(lock(buyer), choice)


def take_back(
    buyer: Buyer, wording: str, at: datetime, *, delivery_uuid: UUID | None = None
) -> bool:
    """Undo the buyer's own unsubscription; False where it is not hers to undo."""
    with transaction.atomic():
        buyer = lock(buyer)
        if not standing(buyer).revocable:
            return False
        for each in _marketing_suppressions(buyer):
            suppression.lift(each, TAKEN_BACK, at=at, by=None)
        grant(buyer, PAGE, wording, at, delivery_uuid=delivery_uuid)
    return True


def standing(buyer: Buyer) -> Standing:
    """A complaint, a bounce or a colleague's entry is not hers to undo by a click."""
    if buyer.erased_at is not None:
        return Standing(stopped=True, revocable=False, erased=True)
    found = _marketing_suppressions(buyer)
    stopped = bool(found) or _objected(buyer)
    hers = all(
        each.reason == Suppression.Reason.UNSUBSCRIBED and each.source in HER_OWN
        for each in found
    )
    return Standing(stopped=stopped, revocable=stopped and hers)


def lock(buyer: Buyer) -> Buyer:
    """Choices of one buyer happen one after the other; foreign keys do not wait."""
    return Buyer.objects.select_for_update(no_key=True).get(pk=buyer.pk)


def _objected(buyer: Buyer) -> bool:
    """Of somebody erased only her history tells."""
    if buyer.erased_at is not None:
        said = Choice.objects.filter(buyer=buyer, topic=MARKETING)
        last = said.order_by("-pk").values_list("state", flat=True).first()
        return last == Choice.State.OBJECTED
    return Permission.objects.filter(
        buyer=buyer, topic=MARKETING, allowed=False, chosen=True
    ).exists()


def _marketing_suppressions(buyer: Buyer) -> list[Suppression]:
    if buyer.address_hash is None:
        return []
    return list(suppression.active(bytes(buyer.address_hash)))


def _suppress(
    buyer: Buyer, reason: str, source: str, at: datetime, by: User | None
) -> bool:
    """An erased buyer has no address left; of those she had there are hashes."""
    if buyer.erased_at is not None:
        hashes = names.addresses_of(buyer)
    else:
        hashes = [bytes(buyer.address_hash)] if buyer.address_hash is not None else []
    news = suppression.suppress_many(
        hashes,
        Suppression.Scope.MARKETING,
        reason=reason,
        source=source,
        at=at,
        by=by,
    )
    return news > 0


def note(buyer: Buyer, choice: Choice, *, permission: bool) -> None:
    """Add a narrower choice to the history; *buyer* is locked."""
    if permission:
        _record(buyer, choice)
    else:
        choice.buyer = buyer
        choice.save()


def _record(buyer: Buyer, choice: Choice) -> None:
    """Add to the history, and bring the permission up to it; the erased have none."""
    choice.buyer = buyer
    choice.save()
    if buyer.erased_at is not None:
        return
    Permission.objects.update_or_create(
        buyer=buyer,
        topic=choice.topic,
        defaults={
            "allowed": choice.state == Choice.State.GRANTED,
            "chosen": True,
            "basis": choice.basis,
            "source": choice.source,
            "since": choice.occurred_at,
        },
    )
