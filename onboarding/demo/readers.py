"""What made-up buyers, and programs, do with mails that measure.

They agree on their own page, and what is fetched comes in where the product notices
it, as of then: what it makes of that is its own.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from zlib import crc32

from django.db import transaction
from django.db.models import Q

from accounts.consent import preferences
from accounts.consent.topics import Frequency, Topic
from accounts.customers.models import Buyer
from campaigns.feedback import gateways, noticed, process, visitors
from campaigns.feedback.noticed import Notice
from campaigns.messages import measured
from campaigns.sequences.models import Delivery

AGREE = 0.3
#: One company in so many has a gateway that follows every link before anybody reads.
GATEWAYS = 6
AHEAD, OPENS, CLICKS = 0.1, 0.5, 0.35
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)

Fetch = tuple[Notice, datetime]


@transaction.atomic
def agree(random: Random, at: datetime) -> None:
    """What some of those ticked, during the weeks before *at*, who will get mails."""
    invited = Q(account__country="ES") | Q(account__is_key=True)
    buyers = Buyer.objects.filter(invited, account__eligible=True).exclude(email="")
    for buyer in buyers.order_by("pk"):
        if random.random() < AGREE:
            preferences.choose(
                buyer,
                topics=Topic.values,
                frequency=Frequency.ALL,
                tracking=True,
                at=at - timedelta(days=random.uniform(1, 30)),
            )


def read(random: Random, at: datetime) -> None:
    """Everything that was opened and followed before *at*, taken in and judged."""
    sent = Delivery.objects.filter(measured__isnull=False, state=Delivery.State.SENT)
    for delivery in sent.select_related("buyer").order_by("sent_at", "pk"):
        for notice, then in _fetches(random, delivery):
            if then < at:
                noticed.note(notice, then)
    while process.process(at):
        pass
    gateways.learn(at)


def _fetches(random: Random, delivery: Delivery) -> Iterator[Fetch]:
    buyer, sent_at = delivery.buyer, delivery.sent_at
    if sent_at is None:
        return
    mail = measured.compiled(delivery.message_version_id, buyer.language)
    if _has_gateway(buyer):
        yield from _sweep(random, delivery, mail.numbers, sent_at)
    if random.random() < AHEAD:
        then = sent_at + random.uniform(1, 90) * MINUTE
        yield Notice(delivery.uuid, machine=visitors.SURE), then
    if random.random() < OPENS:
        yield from _leaf(random, delivery, mail.numbers, sent_at)


def _has_gateway(buyer: Buyer) -> bool:
    domain = buyer.email.partition("@")[2]
    return crc32(domain.encode()) % GATEWAYS == 0


def _sweep(
    random: Random, delivery: Delivery, numbers: Sequence[int], sent_at: datetime
) -> Iterator[Fetch]:
    """All links within seconds, that one too which no person sees."""
    began = sent_at + random.randint(4, 50) * SECOND
    yield Notice(delivery.uuid), began
    yield Notice(delivery.uuid, measured.TRAP, visitors.TRAPPED), began + SECOND
    for number in numbers:
        yield Notice(delivery.uuid, number), began + random.randint(0, 3) * SECOND


def _leaf(
    random: Random, delivery: Delivery, numbers: Sequence[int], sent_at: datetime
) -> Iterator[Fetch]:
    """A person opens it, now and then twice, and some go on to a link."""
    opened = sent_at + 3 * MINUTE + random.expovariate(1 / 18) * HOUR
    yield Notice(delivery.uuid), opened
    if random.random() < 0.25:
        yield Notice(delivery.uuid), opened + random.uniform(2, 50) * HOUR
    if numbers and random.random() < CLICKS:
        yield Notice(delivery.uuid, random.choice(numbers)), opened + MINUTE
