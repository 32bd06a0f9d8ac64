import pytest

from campaigns.sequences.advance import advance
from campaigns.sequences.deliver import deliver
from campaigns.sequences.models import Attempt, Delivery, Enrolment

from .scenes import MONDAY, MORNING, make_campaign, make_people, start

pytestmark = pytest.mark.django_db


def test_what_is_due_is_sent_once_to_everybody(worker, smtp):
    make_people(5)
    start(make_campaign())
    assert advance(MONDAY) == 0
    assert advance(MORNING) == 5
    outcome = deliver(MORNING, worker=worker)
    assert outcome.states == {"sent": 5}
    assert sorted(smtp.recipients().values()) == [1] * 5
    assert set(smtp.deliveries()) == {
        str(uuid) for uuid in Delivery.objects.values_list("uuid", flat=True)
    }
    assert deliver(MORNING, worker=worker).claimed == 0
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"accepted"}
    assert set(Enrolment.objects.values_list("state", flat=True)) == {"finished"}
    assert Enrolment.objects.filter(sent_at__gte=MORNING).count() == 5
