"""A campaign with its people, as many as a test wants, in a few statements."""

from datetime import UTC, datetime, time

from accounts.consent.models import Permission
from accounts.customers.models import Account, Buyer
from campaigns.messages.models import Brand, Message, MessageText
from campaigns.sequences import arming
from campaigns.sequences.models import Campaign, CampaignVersion, Step
from campaigns.sequences.planning import lifecycle
from campaigns.sequences.sending import workers
from campaigns.sequences.sending.spool import Spool
from tests.factories import LONG_AGO, UserFactory

#: A Monday; at half past nine in Madrid the first message is due.
MONDAY = datetime(2026, 11, 23, 5, tzinfo=UTC)
MORNING = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)

TEXT = "Hello {{ buyer.first_name }}, welcome to our store: {{ links.store }}"


def make_brand():
    return Brand.objects.get_or_create(
        name="Distributor",
        defaults={
            "sender_name": "Distributor",
            "sender_email": "hello@distributor.example",
            "postal_address": "1 Example Street, Example Town",
            "languages": ["en"],
        },
    )[0]


def make_message(name="Welcome", text=TEXT, purpose="marketing"):
    message = Message.objects.create(name=name, purpose=purpose, brand=make_brand())
    MessageText.objects.create(
        message=message, language="en", subject=f"{name}, dear customer", body=text
    )
    return message


def make_people(number, *, per_account=1, permitted=True, **fields):
    """*number* buyers with addresses of their own, in companies of *per_account*."""
    base = Buyer.objects.count()
    companies = Account.objects.bulk_create(
        Account(
            number=f"S{base + n}",
            number_key=f"s{base + n}",
            name=f"Company {base + n}",
            country="ES",
            time_zone="Europe/Madrid",
        )
        for n in range(-(-number // per_account))
    )
    people = [
        Buyer(
            account=companies[n // per_account],
            first_name="Ana",
            last_name=f"Buyer {base + n}",
            email=f"ana{base + n}@company.example",
            language="en",
            **fields,
        )
        for n in range(number)
    ]
    for buyer in people:
        buyer.keep_address()
    Buyer.objects.bulk_create(people)
    if permitted:
        permit(people)
    return people


def permit(people):
    Permission.objects.bulk_create(
        Permission(
            buyer=buyer,
            allowed=True,
            chosen=False,
            basis="existing_customer",
            since=LONG_AGO,
        )
        for buyer in people
    )


def make_campaign(*steps, goal="first_online_order", **fields):
    """A draft; each step is a dict of what differs from "today at half past nine"."""
    campaign = Campaign.objects.create(name="Spring", goal=goal, **fields)
    version = CampaignVersion.objects.create(campaign=campaign)
    for position, step in enumerate(steps or ({},)):
        Step.objects.create(
            version=version,
            position=position,
            **{
                "message": step.pop("message", None) or make_message(),
                "send_at": time(9, 30),
                **step,
            },
        )
    return campaign


def start(campaign, at=MONDAY):
    """Start it from an armed database."""
    arming.arm(None, at)
    assert lifecycle.start(campaign, UserFactory(), at)
    return campaign


def make_worker(folder, transport, name="sender"):
    worker = workers.Worker(name, transport, Spool(folder, name))
    worker.pace.per_second = 1000
    return worker
