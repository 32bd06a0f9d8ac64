"""The story the demonstration tells, in the order in which it happened."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from django.conf import settings
from django.db import transaction
from django.utils import translation

from accounts.customers.models import Account
from accounts.staff.models import User
from campaigns.invitations import links as invitation_links
from campaigns.invitations.models import Invitation
from campaigns.sequences import arming
from campaigns.sequences.audiences import conditions
from campaigns.sequences.models import Campaign, Step
from campaigns.sequences.planning import counting, drafts, lifecycle, playbooks
from campaigns.sequences.rows import Row
from onboarding.summary import Link, Summary

from . import (
    behaviour,
    exports,
    files,
    mails,
    orders,
    readers,
    team,
    training,
)
from .behaviour import Deed
from .orders import Order
from .people import Company, make_companies
from .simulation import Simulation

SEED = 20260601
COMPANIES = 400
HISTORY = timedelta(days=548)
STORE_OPENED = timedelta(days=210)
PILOT = timedelta(days=150)
WAVE = timedelta(days=13)


def tell(at: datetime) -> Summary:
    """Make everything up to *at*, once; what is there already stays."""
    if not Account.objects.exists():
        random = Random(SEED)  # noqa: S311 - believable, not secret
        with translation.override("es"):
            _tell(random, at)
    return _summary()


def _tell(random: Random, at: datetime) -> None:
    with transaction.atomic():
        people = team.hire()
        team.found_brand()
    arming.arm(people["admin"], at)
    companies = make_companies(random, COMPANIES)
    files.check_and_apply(
        exports.write_customers(random, companies),
        "clientes-alborada.csv",
        people["marketing"],
    )
    files.check(
        exports.write_faulty(companies), "clientes-nuevos.csv", people["marketing"]
    )
    _live_through(random, companies, people["marketing"], at)
    training.give(random, people, at)


def _live_through(
    random: Random, companies: list[Company], marketer: User, at: datetime
) -> None:
    # Of its own: who reads what changes nothing of what happens next.
    unseen = Random(SEED)  # noqa: S311 - believable, not secret
    simulation = Simulation(random, companies, at)
    simulation.expect(_by_phone(random, companies, at))
    simulation.expect(_early_birds(random, companies, at))
    pilot = _plan("Piloto: cuentas estratégicas", [Row("key_account", True)])
    simulation.run_to(at - PILOT)
    readers.agree(unseen, at - PILOT)
    _start(pilot, marketer, at - PILOT)
    simulation.run_to(at - WAVE)
    wave = _plan(
        "Otoño: todos los clientes de España",
        [Row("country", ["ES"]), Row("never_ordered_online", True)],
    )
    _start(wave, marketer, at - WAVE)
    simulation.run_to(at)
    simulation.close()
    readers.read(unseen, at)
    _plan("Clientes del Reino Unido e Irlanda", [Row("country", ["GB", "IE"])])


def _by_phone(
    random: Random, companies: list[Company], at: datetime
) -> Iterator[Order]:
    for company in companies:
        for order in orders.make_offline(random, company, at - HISTORY, at):
            if order.occurred_at < at:
                yield order


def _early_birds(
    random: Random, companies: list[Company], at: datetime
) -> Iterator[Deed | Order]:
    """The few who found the store by themselves before anybody invited them."""
    for company in random.sample(companies, 24):
        since = at - STORE_OPENED + timedelta(days=random.uniform(0, 50))
        yield Deed("registered", company, 0, since)
        yield from behaviour.live_online(random, company, 0, since, at)


def _plan(name: str, audience: list[Row]) -> Campaign:
    """The three mails of the playbook, two working days shorter apart."""
    campaign = playbooks.apply(playbooks.FIRST_ORDER, name)
    Campaign.objects.filter(pk=campaign.pk).update(audience=conditions.make(audience))
    Step.objects.filter(version__campaign=campaign, position__gt=1).update(wait_days=5)
    mails.add_links([step.message for step in drafts.version_of(campaign).steps.all()])
    campaign.refresh_from_db()
    return campaign


def _start(campaign: Campaign, by: User, at: datetime) -> None:
    """With openings and clicks measured, of those who agreed to it."""
    counting.switch(campaign, True, by, at)
    lifecycle.start(campaign, by, at)


def _summary() -> Summary:
    running = Campaign.objects.filter(state=Campaign.State.RUNNING).first()
    found = [Link("A customer's personal link", _personal_link())]
    if running is not None:
        found.append(
            Link(
                "The campaign under way",
                f"{settings.SITE_URL}/admin/sequences/campaign/{running.pk}/change/",
            )
        )
    found.append(Link("The API, to try", f"{settings.SITE_URL}/api/docs"))
    return Summary(logins=team.logins(), links=found)


def _personal_link() -> str:
    """Of somebody who was invited and has not accepted yet; else the outbox."""
    waiting = Invitation.objects.filter(
        accepted_at=None, revoked_at=None, campaign__state=Campaign.State.RUNNING
    )
    invitation = waiting.order_by("pk").first()
    if invitation is None:
        return f"{settings.SITE_URL}/admin/campaign_messages/outboxmail/"
    return invitation_links.address(invitation.uuid, invitation.generation)
