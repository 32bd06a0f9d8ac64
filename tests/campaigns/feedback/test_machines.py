"""Who clicked: a likelihood from what is seen, and nothing that rests on it."""

import json
from datetime import timedelta

import pytest

from accounts.consent.models import Permission
from accounts.journal import clock
from campaigns.feedback import effects, gateways, tasks
from campaigns.feedback.models import Gateway, Post, Report
from campaigns.sequences.models import Delivery, Enrolment
from tests.campaigns.sequences.scenes import make_campaign, make_people
from tests.factories import LONG_AGO

from .scenes import SENT, make_sent, postmark

pytestmark = pytest.mark.django_db
A_DAY = 24 * 60 * 60


@pytest.fixture
def tracked(sent):
    agree(sent.buyer)
    return sent


def agree(buyer, allowed=True):
    Permission.objects.create(
        buyer=buyer, topic="tracking", allowed=allowed, chosen=True, since=LONG_AGO
    )


def click(take_in, delivery, link, seconds):
    at = SENT + timedelta(seconds=seconds)
    link = f"https://shop.example/{link}"
    body = postmark(delivery, "Click", OriginalLink=link, ReceivedAt=at.isoformat())
    take_in("postmark", body)


def machine():
    return list(Report.objects.order_by("pk").values_list("machine", flat=True))


def test_who_clicks_a_day_later_is_hardly_a_machine(tracked, take_in):
    click(take_in, tracked, "a", A_DAY)
    assert machine() == [5]


def test_who_clicks_at_once_probably_is(tracked, take_in):
    click(take_in, tracked, "a", 3)
    click(take_in, tracked, "a", 60)
    assert machine() == [80, 40]


def test_a_sweep_over_the_links_is_a_machines_whenever_it_comes(tracked, take_in):
    for second, link in enumerate("abc"):
        click(take_in, tracked, link, A_DAY + second)
    click(take_in, tracked, "a", 2 * A_DAY)
    assert machine() == [95, 95, 95, 5]


def test_in_any_order(tracked, take_in):
    for second, link in ((2, "c"), (0, "a"), (1, "b")):
        click(take_in, tracked, link, A_DAY + second)
    assert machine() == [95, 95, 95]


def test_one_link_opened_often_is_no_sweep(tracked, take_in):
    for second in range(5):
        click(take_in, tracked, "a", A_DAY + second)
    assert machine() == [5] * 5


def test_a_gateway_that_sweeps_is_known_by_its_domain(take_in):
    people = make_people(8)
    campaign = make_campaign(state="running")
    for buyer in people[:6]:
        agree(buyer)
        delivery = make_sent(buyer=buyer, campaign=campaign)
        for second, link in enumerate("abc"):
            click(take_in, delivery, link, A_DAY + second)
    gateways.learn(SENT + timedelta(days=2))
    known = Gateway.objects.get()
    assert (known.domain, known.clicked, known.swept) == ("company.example", 6, 6)
    agree(people[6])
    click(take_in, make_sent(buyer=people[6], campaign=campaign), "a", A_DAY)
    assert machine()[-1] == 62


def test_nothing_follows_from_a_click(tracked, take_in):
    before = Enrolment.objects.values().get()
    click(take_in, tracked, "a", A_DAY)
    body = postmark(tracked, "Open", ReceivedAt=SENT.isoformat())
    take_in("postmark", body)
    assert Report.objects.count() == 2
    assert Enrolment.objects.values().get() == before


def test_what_became_unknown_after_its_report_is_settled_all_the_same(take_in):
    """The report was faster than the sender, which died before it could settle."""
    early = make_sent(state="unknown")
    body = json.loads(postmark(early))
    take_in("postmark", json.dumps({**body, "Metadata": {}}).encode())
    assert Delivery.objects.get(pk=early.pk).state == "unknown"
    Report.objects.update(delivery=early)
    tasks.process_posts()
    assert Delivery.objects.get(pk=early.pk).state == "sent"
    assert effects.settle_late(clock.now()) == 0
    assert not Post.objects.filter(state="aside").exists()
