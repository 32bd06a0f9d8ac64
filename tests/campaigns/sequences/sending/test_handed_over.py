import pytest
from django.db import transaction

from campaigns.messages import context
from campaigns.sequences import touchpoints
from campaigns.sequences.models import Delivery
from campaigns.sequences.sending import handed_over
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from campaigns.sequences.touchpoints import Link
from tests.campaigns.sequences.scenes import MORNING, make_campaign, make_people, start

pytestmark = pytest.mark.django_db


class Ear:
    """A link that hears of what was handed over."""

    def __init__(self, name="store", fails=False):
        self.heard, self.asked, self.fails = [], [], fails
        self.link = Link(name, name, urls=self.urls, sample=str, sent=self.sent)

    def urls(self, recipients):
        self.asked += [one.delivery_id for one in recipients]
        return {one.delivery_id: "https://store.example/x" for one in recipients}

    def sent(self, recipients, at):
        assert transaction.get_connection().in_atomic_block
        self.heard += [one.delivery_id for one in recipients]
        if self.fails:
            raise ZeroDivisionError


@pytest.fixture
def listen(monkeypatch):
    def listen(ear):
        monkeypatch.setattr(touchpoints, "links", lambda: iter([ear.link]))
        return ear

    return listen


@pytest.fixture
def planned(worker, smtp):
    make_people(3)
    start(make_campaign())
    advance(MORNING)
    return list(Delivery.objects.values_list("pk", flat=True))


def test_a_link_hears_of_each_message_that_carries_it_once(planned, worker, listen):
    ear = listen(Ear())
    deliver(MORNING, worker=worker)
    assert sorted(ear.asked) == sorted(ear.heard) == planned


def test_a_link_that_no_message_carries_is_neither_made_nor_told(
    planned, worker, listen
):
    ear = listen(Ear("invitation"))
    deliver(MORNING, worker=worker)
    assert ear.asked == ear.heard == []


def test_a_link_whose_ear_is_broken_does_not_hide_what_was_sent(
    planned, worker, smtp, listen
):
    listen(Ear(fails=True))
    assert deliver(MORNING, worker=worker).states == {"sent": 3}
    assert len(smtp.mails) == 3


def test_who_settles_later_looks_up_what_the_message_carried(planned, listen):
    ear = listen(Ear())
    handed_over.tell(planned, MORNING)
    assert sorted(ear.heard) == planned


def test_a_message_without_an_address_for_its_link_does_not_go_out(
    planned, worker, smtp, listen, monkeypatch
):
    ear = Ear()
    monkeypatch.setattr(ear, "urls", lambda recipients: {})
    listen(Ear("nothing"))
    real = context.describe

    def without_store(*columns):
        return {**real(*columns), "links": {}}

    monkeypatch.setattr(context, "describe", without_store)
    deliver(MORNING, worker=worker)
    assert smtp.mails == []
    assert set(Delivery.objects.values_list("state", "detail")) == {
        ("failed", "MissingLink")
    }
