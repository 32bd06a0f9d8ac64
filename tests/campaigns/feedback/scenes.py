"""A message that was handed over, in a few rows, and what its provider says of it."""

import json
from datetime import UTC, datetime, timedelta

from accounts.customers import addresses
from campaigns.messages import publish
from campaigns.messages.models import MessageVersion
from campaigns.sequences.models import Attempt, Delivery, Enrolment
from tests.campaigns.sequences.scenes import make_campaign, make_people
from tests.factories import UserFactory

TOPIC = "arn:aws:sns:eu-west-1:123456789012:delivery"
SENT = datetime(2026, 11, 9, 8, 30, tzinfo=UTC)
THEN = SENT + timedelta(minutes=20)


def make_sent(state="sent", buyer=None, campaign=None, **fields):
    """One delivery to a buyer of her own, or of *buyer*, in a running campaign."""
    buyer = buyer or make_people(1)[0]
    campaign = campaign or make_campaign(state="running")
    version = campaign.versions.get()
    step = version.steps.select_related("message").first()
    enrolment, _new = Enrolment.objects.get_or_create(
        campaign=campaign,
        buyer=buyer,
        defaults={
            "version": version,
            "account": buyer.account,
            "position": 1,
            "sent_at": SENT if state == "sent" else None,
        },
    )
    values = {
        "campaign": campaign,
        "enrolment": enrolment,
        "step": step,
        "message_version_id": message_version(step, whole=state == "unknown"),
        "account": buyer.account,
        "buyer": buyer,
        "address_hash": addresses.check(buyer.email).hash,
        "state": state,
        "reason": "no_answer" if state == "unknown" else "",
        "due_at": SENT,
        "sent_at": SENT if state == "sent" else None,
        "settled_at": SENT,
        "epoch": 1,
        **fields,
    }
    delivery = Delivery.objects.create(**values)
    Attempt.objects.create(
        delivery=delivery, number=1, worker="sender", started_at=SENT
    )
    delivery.email = buyer.email
    return delivery


def message_version(step, *, whole):
    """A bare version, in a moment; a *whole* one where somebody will compose it."""
    known = MessageVersion.objects.filter(message=step.message).first()
    if known is not None:
        return known.pk
    if whole:
        return publish.publish(step.message, UserFactory(), SENT).pk
    return MessageVersion.objects.create(
        message=step.message, number=1, purpose="marketing", digest=b"none"
    ).pk


def postmark(delivery, what="Delivery", **fields):
    """A body as Postmark posts it."""
    times = {"Delivery": "DeliveredAt", "Bounce": "BouncedAt"}
    event = {
        "RecordType": what,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Metadata": {"delivery": str(delivery.uuid)},
        "Recipient" if what in {"Delivery", "Open", "Click"} else "Email": (
            delivery.email
        ),
        times.get(what, "ReceivedAt"): THEN.isoformat(),
        **fields,
    }
    return json.dumps(event).encode()


def hard(delivery, **fields):
    return postmark(delivery, "Bounce", Type="HardBounce", ID=1, **fields)


def soft(delivery, number=1, **fields):
    return postmark(delivery, "Bounce", Type="SoftBounce", ID=number, **fields)


def complaint(delivery):
    return postmark(delivery, "SpamComplaint", Type="SpamComplaint", ID=7)
