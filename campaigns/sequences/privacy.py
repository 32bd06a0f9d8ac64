"""What campaigns hold of a person, and the mails themselves, where they are kept."""

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.consent.privacy.people import Person, any_of
from accounts.consent.privacy.registry import (
    Deed,
    Holding,
    Rows,
    register,
    tell_under_way,
    watch_wire,
)
from campaigns.messages.models import OutboxMail

from .models import (
    Attempt,
    Delivery,
    DeliveryAttachment,
    Enrolment,
    MeasuredDelivery,
)

REASON = "erased"
_ON_THE_WIRE = (Delivery.State.CLAIMED, Delivery.State.SENDING)


def _leave(rows: Rows, deed: Deed) -> int:
    return rows.filter(state=Enrolment.State.ACTIVE).update(
        state=Enrolment.State.EXITED, exit_reason=REASON, due_at=None
    )


def _withhold(rows: Rows, deed: Deed) -> int:
    """What is planned is not sent. What a sender has in hand is the last look's."""
    planned = rows.filter(state=Delivery.State.PLANNED)
    return planned.update(
        state=Delivery.State.SKIPPED, reason=REASON, settled_at=deed.at
    )


def _mails(person: Person) -> Rows:
    """By its delivery: a colleague may read the same mailbox."""
    hers = Delivery.objects.filter(buyer=person.pk).values("uuid")
    to_her = any_of(Q(recipient__iexact=email) for email in person.emails)
    return OutboxMail.objects.filter(
        Q(delivery_uuid__in=hers) | (to_her & Q(delivery_uuid=None))
    )


def _mails_of_erased() -> Rows:
    erased = Delivery.objects.filter(buyer__erased_at__isnull=False)
    return OutboxMail.objects.filter(delivery_uuid__in=erased.values("uuid"))


def _under_way(person: Person) -> Sequence[str]:
    number = Delivery.objects.open().filter(buyer=person.pk).count()
    if not number:
        return ()
    said = ngettext(
        "%(number)d planned message will not be sent.",
        "%(number)d planned messages will not be sent.",
        number,
    )
    return (said % {"number": number},)


def _on_the_wire(buyer_id: int) -> int:
    return Delivery.objects.filter(buyer=buyer_id, state__in=_ON_THE_WIRE).count()


register(
    Holding(
        Enrolment,
        _("Which campaigns the person was in, and how far; they end."),
        path="buyer",
        deed=_leave,
        stands=lambda rows: rows.filter(state=Enrolment.State.ACTIVE),
        comes_late=True,
        keeps=("exit_reason", "subject"),
    ),
    Holding(
        Delivery,
        _("That a message was planned, and what became of it, stays for the sums."),
        path="buyer",
        deed=_withhold,
        stands=lambda rows: rows.filter(state=Delivery.State.PLANNED),
        comes_late=True,
        blank={"detail": "", "settled_note": ""},
        keeps=(
            *("notice", "address_hash", "reason", "local_due", "zone"),
            *("claimed_by", "transport", "provider_id"),
        ),
    ),
    Holding(
        Attempt,
        _("Each try and its outcome stays; the server’s answer goes."),
        called=_("Tries to hand a message over"),
        path="delivery__buyer",
        blank={"answer": ""},
        comes_late=True,
        keeps=("worker", "code"),
    ),
    Holding(
        DeliveryAttachment,
        _("Such as entries for a calendar."),
        called=_("Files sent along"),
        path="delivery__buyer",
        goes=True,
        comes_late=True,
    ),
    Holding(
        MeasuredDelivery,
        _("That openings and clicks were counted."),
        called=_("Messages whose openings are counted"),
        path="delivery__buyer",
        goes=True,
        comes_late=True,
    ),
    Holding(
        OutboxMail,
        _("The mails themselves."),
        find=_mails,
        of_erased=_mails_of_erased,
        goes=True,
        comes_late=True,
    ),
)
tell_under_way("sequences", _under_way)
watch_wire("sequences", _on_the_wire)
