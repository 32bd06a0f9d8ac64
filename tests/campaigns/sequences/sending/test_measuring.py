"""Mails as the server got them: who is measured, and who is left alone."""

import email
import email.policy
import re

import pytest

from accounts.consent.models import Permission
from campaigns.messages import measured
from campaigns.sequences.models import Campaign, Delivery, MeasuredDelivery
from campaigns.sequences.sending import claim, measuring
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_message,
    make_people,
    start,
)
from tests.factories import LONG_AGO

pytestmark = pytest.mark.django_db
TEXT = """[The store]({{ links.store }}) and [news](https://news.example/a?b=1&c=2)."""


@pytest.fixture(autouse=True)
def no_memory():
    measured.compiled.cache_clear()
    yield
    measured.compiled.cache_clear()


def agree(buyer, allowed=True):
    Permission.objects.update_or_create(
        buyer=buyer,
        topic="tracking",
        defaults={"allowed": allowed, "chosen": True, "since": LONG_AGO},
    )


def plan(number=1, measures=True):
    people = make_people(number)
    step = {"message": make_message(text=TEXT)}
    campaign = start(make_campaign(step, measures=measures))
    advance(MORNING)
    return campaign, people


def parts(mail):
    parsed = email.message_from_bytes(mail.raw, policy=email.policy.default)
    html = parsed.get_body(("html",)).get_content()
    return html, parsed.get_body(("plain",)).get_content()


def test_who_agreed_gets_a_mail_whose_links_lead_by_way_of_us(worker, smtp, settings):
    _campaign, (buyer,) = plan()
    agree(buyer)
    deliver(MORNING, worker=worker)
    html, text = parts(smtp.mails[0])
    tokens = re.findall(rf'href="{settings.SITE_URL}/m/([\w-]+)"', html)
    assert len(tokens) == 3
    assert re.search(rf'<img src="{settings.SITE_URL}/m/[\w-]+\.gif"[^>]* alt=""', html)
    assert "https://news.example" not in html
    assert f"{settings.SITE_URL}/u/" in html
    assert "/m/" not in text
    assert "https://news.example/a?b=1&c=2" in text
    assert MeasuredDelivery.objects.get().delivery == Delivery.objects.get()


@pytest.mark.parametrize(
    ("measures", "agreed"), [(False, True), (True, False), (True, None)]
)
def test_nobody_else_is_measured(worker, smtp, measures, agreed):
    _campaign, (buyer,) = plan(measures=measures)
    if agreed is not None:
        agree(buyer, agreed)
    deliver(MORNING, worker=worker)
    html, _text = parts(smtp.mails[0])
    assert "/m/" not in html
    assert "aria-hidden" not in html.split("mailto:")[1]
    assert "https://news.example/a?b=1&amp;c=2" in html
    assert not MeasuredDelivery.objects.exists()


def test_without_the_guard_everybody_would_be(worker, smtp, monkeypatch):
    """The negative control: it is this question, and no other, that holds it back."""
    plan()
    everybody = measuring._AGREED.replace("AND permission.allowed", "").replace(
        "JOIN consent_permission", "LEFT JOIN consent_permission"
    )
    monkeypatch.setattr(measuring, "_AGREED", everybody)
    deliver(MORNING, worker=worker)
    assert "/m/" in parts(smtp.mails[0])[0]


def test_of_several_each_is_asked_for_herself(worker, smtp):
    _campaign, people = plan(6)
    for buyer in people[:3]:
        agree(buyer)
    deliver(MORNING, worker=worker)
    htmls = [parts(mail)[0] for mail in smtp.mails]
    assert sum("/m/" in html for html in htmls) == 3
    of = MeasuredDelivery.objects.values_list("delivery__buyer", flat=True)
    assert set(of) == {buyer.pk for buyer in people[:3]}
    tokens = [re.findall(r"/m/([\w-]+)", html) for html in htmls]
    assert len({one for each in tokens for one in each}) == 3 * 4


def test_who_thinks_better_of_it_before_a_second_try_is_measured_no_more(worker, smtp):
    _campaign, (buyer,) = plan()
    agree(buyer)
    MeasuredDelivery.objects.create(delivery=Delivery.objects.get())
    agree(buyer, allowed=False)
    deliver(MORNING, worker=worker)
    assert "/m/" not in parts(smtp.mails[0])[0]
    assert not MeasuredDelivery.objects.exists()


def test_switching_it_off_holds_for_what_is_not_sent_yet(worker, smtp):
    campaign, (buyer,) = plan()
    agree(buyer)
    Campaign.objects.filter(pk=campaign.pk).update(measures=False)
    deliver(MORNING, worker=worker)
    assert "/m/" not in parts(smtp.mails[0])[0]


@pytest.mark.parametrize(("measures", "statements"), [(False, 0), (True, 1)])
def test_it_asks_once_for_a_batch_and_not_at_all_where_nobody_measures(
    django_assert_num_queries, measures, statements
):
    _campaign, people = plan(20, measures=measures)
    for buyer in people:
        agree(buyer)
    batch = claim.claim(MORNING, worker="sender", limit=20)
    measured.compiled(batch[0].version_id, batch[0].language)
    with django_assert_num_queries(statements):
        found = measuring.measure(batch)
    assert len(found) == (20 if measures else 0)
