"""Each invariant holds over a whole campaign, and notices when it is broken."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts.journal import invariants
from campaigns.sequences.models import Attempt, Campaign, Delivery, Enrolment
from campaigns.sequences.planning import lifecycle
from campaigns.sequences.sending import claim
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.claim import LEASE
from campaigns.sequences.sending.deliver import deliver
from tests.support.smtp_sink import TAKE_AND_HANG_UP

from .scenes import MORNING, make_campaign, make_people, start
from .test_states import INSERT

pytestmark = pytest.mark.django_db

OURS = {"I1", "I2", "I3", "I11"}


def broken(at=MORNING):
    return {
        finding.invariant.code: finding.broken
        for finding in invariants.audit(at)
        if finding.invariant.code in OURS and not finding.holds
    }


@pytest.fixture
def campaign(worker, smtp):
    """Everything that can become of a message has become of one."""
    people = make_people(4)
    people[1].email = people[0].email
    people[1].save()
    running = start(make_campaign({}, {"wait_days": 1}))
    advance(MORNING)
    lost = iter([None, TAKE_AND_HANG_UP])
    smtp.tricks.append(lambda stage, _to: next(lost, None) if stage == "END" else None)
    deliver(MORNING, worker=worker)
    return running


def test_all_of_them_hold_over_a_campaign(campaign):
    assert sorted(Delivery.objects.values_list("state", flat=True)) == [
        "sent",
        "sent",
        "skipped",
        "unknown",
    ]
    assert broken() == {}
    lifecycle.stop(campaign, None, MORNING)
    assert broken() == {}


def test_each_code_is_registered():
    assert {one.code for one in invariants.registered()} >= OURS


def test_a_message_handed_over_twice_breaks_i1(campaign):
    one = Delivery.objects.filter(state="sent").first()
    Attempt.objects.create(
        delivery=one, number=2, worker="x", started_at=MORNING, outcome="accepted"
    )
    assert broken()["I1"].examples == (f"delivery {one.pk}",)


def test_two_messages_of_a_step_at_one_mailbox_break_i1(campaign):
    first, second = Delivery.objects.filter(state="sent")
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX delivery_one_per_address")
    Delivery.objects.filter(pk=second.pk).update(address_hash=first.address_hash)
    assert broken()["I1"].count == 1


def test_a_step_passed_without_a_trace_breaks_i2(campaign):
    row = Enrolment.objects.first()
    Enrolment.objects.filter(pk=row.pk).update(position=2)
    assert broken()["I2"].examples == (f"enrolment {row.pk}",)


def test_a_sequence_cut_short_breaks_i2(campaign):
    Enrolment.objects.filter(pk=Enrolment.objects.first().pk).update(
        state="finished", due_at=None
    )
    assert broken()["I2"].count == 1


def test_an_unknown_fate_without_an_unclear_try_breaks_i2(campaign):
    Attempt.objects.filter(delivery__state="unknown").update(outcome="refused")
    assert broken()["I2"].count == 1


def test_something_open_in_a_cleared_campaign_breaks_i2(campaign):
    Campaign.objects.update(state="stopped", cleared_at=MORNING)
    assert broken()["I2"].count == 1


def test_a_delivery_of_nobody_breaks_i2(campaign):
    Delivery.objects.filter(state="skipped").update(enrolment_id=10**9)
    # Whose it was misses it, too.
    assert broken()["I2"].count == 2


def test_mail_without_a_trace_breaks_i3(campaign):
    with connection.cursor() as cursor:
        cursor.execute(INSERT.replace("'refused'", "''"), ["x", "sent", MORNING, None])
    assert broken()["I3"].count == 1


def test_a_try_noted_after_the_mail_breaks_i3(campaign):
    one = Delivery.objects.filter(state="sent").first()
    one.tries.update(started_at=one.sent_at + timedelta(seconds=1))
    assert broken()["I3"].examples == (f"delivery {one.pk}",)


def test_what_hangs_in_somebodys_hands_breaks_i11(campaign):
    make_people(1)
    start(make_campaign())
    advance(MORNING)
    claim.claim(MORNING, worker="gone", limit=9)
    assert broken(MORNING + 2 * LEASE) == {}
    assert broken(MORNING + 4 * LEASE)["I11"].count >= 1
