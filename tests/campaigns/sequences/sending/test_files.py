"""Files of messages are personal data: kept for as long as they may still be sent."""

from datetime import timedelta

import pytest

from campaigns.sequences.models import Delivery, DeliveryAttachment
from campaigns.sequences.sending import dispatcher, files
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from campaigns.sequences.sending.dispatcher import Dispatcher
from tests.campaigns.feedback.scenes import make_sent
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_people,
    start,
)

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(days=2)


@pytest.fixture
def delivery(worker):
    make_people(1)
    start(make_campaign())
    advance(MORNING)
    delivery = Delivery.objects.get()
    DeliveryAttachment.objects.create(
        delivery=delivery,
        position=0,
        name="a.ics",
        kind="text/calendar",
        content=b"Ana",
    )
    return delivery


def test_what_was_sent_is_forgotten_after_a_day(delivery, worker):
    deliver(MORNING, worker=worker)
    assert files.forget(MORNING + timedelta(hours=23)) == 0
    assert files.forget(LATER) == 1
    assert not DeliveryAttachment.objects.exists()


def test_the_dispatcher_sees_to_it(delivery, worker, monkeypatch):
    monkeypatch.setattr(dispatcher, "close_old_connections", lambda: None)
    deliver(MORNING, worker=worker)
    Dispatcher(worker=worker, now=lambda: LATER).turn()
    assert not DeliveryAttachment.objects.exists()


def test_what_is_still_to_go_keeps_its_files(delivery):
    assert files.forget(LATER) == 0


def test_so_does_what_a_person_may_have_sent_again(delivery):
    DeliveryAttachment.objects.update(delivery=make_sent(state="unknown").pk)
    assert files.forget(LATER) == 0
