from datetime import timedelta
from uuid import uuid4

import pytest

from campaigns.sequences.models import Delivery, Enrolment
from campaigns.sequences.sending import feedback
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from campaigns.sequences.sending.feedback import Heard, Report
from tests.campaigns.sequences.scenes import MORNING, make_campaign, make_people, start
from tests.support.smtp_sink import TAKE_AND_HANG_UP

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(minutes=3)


@pytest.fixture
def sent(worker, smtp):
    (ana,) = make_people(1)
    start(make_campaign())
    advance(MORNING)
    deliver(MORNING, worker=worker)
    one = Delivery.objects.get()
    one.email = ana.email
    return one


def report(one, heard=Heard.DELIVERED, at=LATER, **other):
    values = {"delivery_uuid": one.uuid, "recipient": one.email, **other}
    return feedback.take_in([Report(heard=heard, at=at, **values)], at)


def delivered_at():
    return Enrolment.objects.get().delivered_at


def test_a_delivered_message_is_noted_with_its_first_time(sent):
    assert report(sent) == 1
    assert delivered_at() == LATER
    report(sent, at=LATER + timedelta(hours=1))
    assert delivered_at() == LATER
    report(sent, at=LATER - timedelta(minutes=1))
    assert delivered_at() == LATER - timedelta(minutes=1)


def test_the_case_of_an_address_does_not_matter(sent):
    assert report(sent, recipient=sent.email.upper()) == 1


@pytest.mark.parametrize(
    "forged",
    [
        {"delivery_uuid": uuid4()},
        {"recipient": "eve@evil.example"},
        {"recipient": "no address at all"},
    ],
)
def test_what_does_not_fit_changes_nothing(sent, forged):
    assert report(sent, **forged) == 0
    assert delivered_at() is None


def test_any_sign_of_the_provider_proves_an_unknown_one_sent(worker, smtp):
    (ana,) = make_people(1)
    start(make_campaign())
    advance(MORNING)
    smtp.tricks.append(lambda stage, _to: TAKE_AND_HANG_UP if stage == "END" else None)
    deliver(MORNING, worker=worker)
    one = Delivery.objects.get()
    one.email = ana.email
    assert one.state == "unknown"
    report(one, heard=Heard.BOUNCED)
    one.refresh_from_db()
    assert (one.state, one.reason) == ("sent", "")
    assert one.sent_at is not None


def test_a_bounce_after_delivery_leaves_the_delivery(sent):
    report(sent)
    report(sent, heard=Heard.BOUNCED, at=LATER + timedelta(minutes=1))
    assert delivered_at() == LATER
    assert Delivery.objects.get().state == "sent"
