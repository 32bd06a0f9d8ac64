import pytest

from campaigns.sequences import touchpoints
from campaigns.sequences.models import Delivery, Enrolment
from campaigns.sequences.sending import unknown
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from campaigns.sequences.sending.unknown import Finding, NoteMissing
from tests.campaigns.sequences.scenes import MORNING, make_campaign, make_people, start
from tests.factories import UserFactory
from tests.races import at_once
from tests.support.smtp_sink import TAKE_AND_HANG_UP

pytestmark = pytest.mark.django_db
NOTE = "Found in the provider's log."


@pytest.fixture
def lost(worker, smtp):
    """A message whose answer was lost: the server has it, and we do not know."""
    make_people(1)
    start(make_campaign())
    advance(MORNING)
    smtp.tricks.append(lambda stage, _to: TAKE_AND_HANG_UP if stage == "END" else None)
    deliver(MORNING, worker=worker)
    smtp.tricks.clear()
    one = Delivery.objects.get()
    assert (one.state, one.reason) == ("unknown", "no_answer")
    return one


def settle(one, finding, note=NOTE, by=None):
    return unknown.settle(
        [one.pk], finding, by=by or UserFactory(), note=note, at=MORNING
    )


def test_a_person_who_found_it_settles_it_as_sent(lost):
    user = UserFactory()
    assert settle(lost, Finding.ACCEPTED, by=user) == 1
    lost.refresh_from_db()
    assert (lost.state, lost.reason) == ("sent", "")
    assert (lost.settled_by, lost.settled_note) == (user, NOTE)
    assert lost.sent_at is not None
    assert Enrolment.objects.get().sent_at == lost.sent_at


def test_or_as_not_sent_with_that_reason(lost):
    settle(lost, Finding.NOT_SENT)
    lost.refresh_from_db()
    assert (lost.state, lost.reason) == ("failed", "settled_as_not_sent")


def test_or_sends_it_again_once(lost, worker, smtp):
    assert settle(lost, Finding.SEND_AGAIN) == 1
    assert deliver(MORNING, worker=worker).states == {"sent": 1}
    assert len(smtp.mails) == 2
    lost.refresh_from_db()
    assert lost.settled_by is not None


def test_but_not_a_second_time(lost, worker, smtp):
    settle(lost, Finding.SEND_AGAIN)
    smtp.tricks.append(lambda stage, _to: TAKE_AND_HANG_UP if stage == "END" else None)
    deliver(MORNING, worker=worker)
    lost.refresh_from_db()
    assert lost.state == "unknown"
    assert settle(lost, Finding.SEND_AGAIN) == 0
    assert settle(lost, Finding.NOT_SENT) == 1


def test_nobody_settles_without_evidence(lost):
    with pytest.raises(NoteMissing):
        settle(lost, Finding.ACCEPTED, note="  ")


def test_only_what_is_unknown_can_be_settled(lost):
    settle(lost, Finding.ACCEPTED)
    for finding in Finding:
        assert settle(lost, finding) == 0
    lost.refresh_from_db()
    assert lost.state == "sent"


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_settle_it_once(lost):
    users = [UserFactory(), UserFactory()]
    answers = at_once(lambda: settle(lost, Finding.SEND_AGAIN, by=users.pop()), 2)
    assert sorted(answers) == [0, 1]


def test_its_links_hear_that_it_was_handed_over(lost, monkeypatch):
    heard = []
    link = touchpoints.Link(
        "store",
        "Store",
        urls=lambda recipients: {},
        sample=lambda: "",
        sent=lambda recipients, at: heard.extend(one.delivery_id for one in recipients),
    )
    monkeypatch.setattr(touchpoints, "links", lambda: iter([link]))
    settle(lost, Finding.ACCEPTED)
    assert heard == [lost.pk]
