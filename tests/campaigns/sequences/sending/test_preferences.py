"""The last look obeys what she chose: about what, and how often."""

from datetime import timedelta

import pytest

from accounts.consent import preferences
from accounts.consent.topics import Topic
from campaigns.sequences.models import Delivery
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from tests.campaigns.sequences.scenes import (
    MONDAY,
    MORNING,
    make_campaign,
    make_message,
    make_people,
    start,
)

pytestmark = pytest.mark.django_db


def choose(buyer, topics=tuple(Topic), frequency=0):
    preferences.choose(
        buyer, topics=topics, frequency=frequency, tracking=False, at=MONDAY
    )


def fates():
    rows = Delivery.objects.order_by("pk").values_list("state", "reason")
    return list(rows)


def about(topic, name="Welcome", **fields):
    message = make_message(name=name, **fields)
    message.topic = topic
    message.save()
    return message


def send(*messages, at=MORNING):
    for message in messages:
        start(make_campaign({"message": message}))
    advance(at)


def test_a_topic_she_left_is_not_sent_and_others_are(worker, smtp):
    (ana,) = make_people(1)
    send(about("training", "Training"), about("store", "News"))
    # Chosen after planning: the last look sees it.
    choose(ana, topics=["store"])
    deliver(MORNING, worker=worker)
    assert sorted(fates()) == [("sent", ""), ("skipped", "topic_unwanted")]


def test_a_service_message_has_no_topic_to_leave(worker, smtp):
    (ana,) = make_people(1)
    send(about("training", "Your seat", purpose="service"))
    choose(ana, topics=[])
    deliver(MORNING, worker=worker)
    assert fates() == [("sent", "")]


def test_who_wants_one_a_week_gets_one(worker, smtp):
    (ana,) = make_people(1)
    send(about("store", "First"), about("store", "Second"))
    choose(ana, frequency=7)
    deliver(MORNING, worker=worker)
    assert fates() == [("sent", ""), ("skipped", "too_soon")]


def test_after_a_week_the_next_one_goes(worker, smtp):
    (ana,) = make_people(1)
    send(about("store", "First"))
    choose(ana, frequency=7)
    deliver(MORNING, worker=worker)
    later = MORNING + timedelta(days=7, minutes=1)
    Delivery.objects.update(sent_at=MORNING)
    start(make_campaign({"message": about("store", "Second")}), at=later)
    for at in (later, later + timedelta(days=1)):
        advance(at)
        deliver(at, worker=worker)
    assert fates() == [("sent", ""), ("sent", "")]


def test_without_a_wish_both_go(worker, smtp):
    """The negative control."""
    make_people(1)
    send(about("store", "First"), about("store", "Second"))
    deliver(MORNING, worker=worker)
    assert fates() == [("sent", ""), ("sent", "")]
