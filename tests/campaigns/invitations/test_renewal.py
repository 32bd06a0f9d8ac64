"""A new link on request: to the known address, once a day, telling nobody anything."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.consent import throttle
from accounts.customers.links import Claim
from campaigns.invitations import invite, links, renewal
from campaigns.invitations.models import Invitation
from campaigns.messages.models import Brand, MessageText
from campaigns.sequences.models import Delivery
from tests.factories import BuyerFactory

from .conftest import LATER, NOON, link_of, recipient


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


@pytest.fixture
def brand(db):
    return Brand.objects.create(
        name="Duero",
        sender_name="Duero",
        sender_email="hello@duero.example",
        postal_address="1 Street",
        is_default=True,
    )


@pytest.fixture
def expired(invitation):
    Invitation.objects.update(expires_at=datetime.now(UTC) - timedelta(days=1))
    invitation.refresh_from_db()
    return invitation


def claim(invitation):
    return Claim(invitation.uuid, invitation.generation)


def test_a_new_link_is_planned_for_the_known_address(brand, expired):
    assert renewal.ask(claim(expired), NOON)

    planned = Delivery.objects.get()
    assert planned.buyer == expired.buyer
    assert planned.message_version.purpose == "service"
    assert planned.not_after == LATER


def test_at_most_one_a_day(brand, expired):
    asked = [renewal.ask(claim(expired), NOON + timedelta(hours=n)) for n in range(3)]
    assert asked == [True, False, False]
    assert renewal.ask(claim(expired), LATER)


def test_who_names_her_address_gets_it_too(brand, expired):
    asked = [renewal.ask_for(expired.buyer.email.upper(), NOON) for _ in range(2)]
    assert asked == [1, 0]
    assert Delivery.objects.get().buyer == expired.buyer


@pytest.mark.parametrize("address", ["nobody@else.example", "no address", ""])
def test_an_address_that_is_not_ours_plans_nothing(brand, expired, address):
    assert renewal.ask_for(address, NOON) == 0
    assert not Delivery.objects.exists()


def test_everybody_invited_at_a_shared_mailbox_gets_one(brand, expired):
    twin = BuyerFactory(email=expired.buyer.email)
    invite.standing({twin.pk: None}, NOON - timedelta(days=200))
    assert renewal.ask_for(expired.buyer.email, NOON) == 2


def test_who_tries_many_addresses_is_slowed(brand, expired):
    browser = Client()
    for n in range(throttle.MOST):
        browser.post("/i/renew", {"address": f"a{n}@b.example"})
    assert browser.post("/i/renew", {"address": expired.buyer.email}).status_code == 429
    assert not Delivery.objects.exists()


def test_its_mail_carries_a_link_that_opens(brand, expired):
    old = link_of(expired)
    url = links.urls([recipient(expired.buyer)])[1]

    browser = Client()
    browser.get(url[url.index("/i/") :])
    assert browser.get("/i/").status_code == 200
    browser.get(old)
    assert browser.get("/i/").status_code == 404


def test_what_was_revoked_stays_so(brand, expired):
    invite.revoke(expired, NOON)
    assert not renewal.ask(claim(expired), LATER)


def test_a_stranger_plans_nothing(brand):
    assert not renewal.ask(Claim(uuid4(), 1), NOON)
    assert not Delivery.objects.exists()


def test_the_page_says_the_same_to_everybody(brand, expired):
    answers = []
    for link in (link_of(expired), "/i/no-link-of-ours"):
        browser = Client()
        browser.get(link)
        assert 'action="/i/renew"' in browser.get("/i/").text
        answer = browser.post("/i/renew")
        answers.append((answer.status_code, len(answer.content)))
    assert len(set(answers)) == 1
    assert Delivery.objects.count() == 1


def test_it_says_what_marketing_made_of_the_message(brand, expired):
    renewal.ask(claim(expired), NOON)
    MessageText.objects.filter(language="en").update(subject="Here you are")
    renewal.ask(claim(expired), LATER)

    first, second = (one.message_version for one in Delivery.objects.order_by("id"))
    assert first.message == second.message
    assert second.texts.get(language="en").subject == "Here you are"


def test_a_message_that_was_broken_since_goes_out_as_it_was(brand, expired):
    renewal.ask(claim(expired), NOON)
    MessageText.objects.update(body="{{ nobody.knows.this }}")
    assert renewal.ask(claim(expired), LATER)
    first, second = (one.message_version for one in Delivery.objects.order_by("id"))
    assert first == second


def test_without_a_brand_nobody_is_promised_a_mail(client, expired):
    client.get(link_of(expired))
    assert "/i/renew" not in client.get("/i/").text
    assert not renewal.ask(claim(expired), NOON)


def test_the_page_says_whom_to_write_to(client, brand, expired):
    client.get(link_of(expired))
    assert "mailto:hello@duero.example" in client.get("/i/").text
