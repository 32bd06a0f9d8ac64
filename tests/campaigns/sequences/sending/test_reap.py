import os
from datetime import timedelta

import pytest
from django.db import connection

from campaigns.messages.models import OutboxMail
from campaigns.sequences.models import Attempt, Delivery, Enrolment
from campaigns.sequences.sending import reap as reaping
from campaigns.sequences.sending import spool
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.claim import LEASE, claim
from campaigns.sequences.sending.reap import GRACE, reap
from campaigns.sequences.sending.spool import Spool
from tests.campaigns.sequences.scenes import MORNING, make_campaign, make_people, start

pytestmark = pytest.mark.django_db

OVER = MORNING + LEASE + timedelta(seconds=1)


@pytest.fixture
def notes(spool_folder, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    opened = Spool(spool_folder, "gone")
    yield opened
    opened.settled()
    opened.close()


def leave_sending(number=1, transport="smtp"):
    """What a sender leaves that dies between the last look and settling."""
    make_people(number)
    start(make_campaign())
    advance(MORNING)
    claim(MORNING, worker="gone", limit=number)
    Delivery.objects.update(state="sending", epoch=1, transport=transport)
    Attempt.objects.bulk_create(
        Attempt(delivery=one, number=1, worker="gone", started_at=MORNING)
        for one in Delivery.objects.all()
    )
    return list(Delivery.objects.order_by("pk"))


def found():
    return list(Delivery.objects.order_by("pk").values_list("state", "reason"))


def die(notes):
    """The lock of a dead process goes with it."""
    os.close(notes._file)
    notes._file = os.open(os.devnull, os.O_WRONLY)


def test_a_claim_that_ran_out_goes_back_into_the_queue(spool_folder):
    make_people(2)
    start(make_campaign())
    advance(MORNING)
    claim(MORNING, worker="gone", limit=2)
    assert reap(MORNING) == 0
    assert reap(OVER) == 2
    assert found() == [("planned", "")] * 2


def test_nothing_is_touched_while_the_lease_runs(notes):
    leave_sending()
    assert reap(MORNING + LEASE) == 0
    assert found() == [("sending", "")]


def test_the_notes_of_a_lost_sender_decide(notes):
    accepted, refused, later, begun, _untouched = leave_sending(5)
    for one in (accepted, refused, later, begun):
        notes.begin((one.pk, 1))
    notes.end((accepted.pk, 1), "accepted", "250", "x-1")
    notes.end((refused.pk, 1), "refused", "550")
    notes.end((later.pk, 1), "later", "451")
    assert reap(OVER) == 5
    assert found() == [
        ("sent", ""),
        ("failed", "refused"),
        ("planned", "later"),
        ("unknown", "sender_lost"),
        ("planned", ""),
    ]
    accepted.refresh_from_db()
    assert accepted.provider_id == "x-1"
    assert Enrolment.objects.filter(sent_at=accepted.sent_at).count() == 1
    outcomes = Attempt.objects.order_by("delivery_id").values_list("outcome", flat=True)
    assert list(outcomes) == ["accepted", "refused", "later", "ambiguous", "withheld"]
    assert reap(OVER) == 0


def test_without_the_notes_all_of_it_would_be_unknown(notes, monkeypatch):
    leave_sending(3)
    monkeypatch.setattr(reaping.spool, "read", lambda folder, worker: None)
    reap(OVER + GRACE)
    assert found() == [("unknown", "record_lost")] * 3


def test_notes_on_another_computer_are_waited_for(spool_folder):
    leave_sending()
    assert reap(OVER) == 0
    assert reap(OVER + GRACE) == 1
    assert found() == [("unknown", "record_lost")]


def test_after_a_restart_of_the_computer_silence_means_unknown(notes, monkeypatch):
    begun, _silent, accepted = leave_sending(3)
    notes.begin((begun.pk, 1))
    notes.begin((accepted.pk, 1))
    notes.end((accepted.pk, 1), "accepted")
    monkeypatch.setattr(spool, "boot_id", lambda: "another boot")
    reap(OVER)
    assert found() == [
        ("unknown", "sender_lost"),
        ("unknown", "record_lost"),
        ("sent", ""),
    ]


def test_what_is_unknown_is_never_sent_again_by_a_timer(notes):
    (one,) = leave_sending()
    notes.begin((one.pk, 1))
    reap(OVER)
    for days in (1, 30, 365):
        reap(OVER + timedelta(days=days))
    assert found() == [("unknown", "sender_lost")]


def test_the_dead_on_this_computer_are_seen_at_once(notes, spool_folder):
    begun, _silent = leave_sending(2)
    notes.begin((begun.pk, 1))
    die(notes)
    assert reap(MORNING) == 2
    assert found() == [("unknown", "sender_lost"), ("planned", "")]
    # What they left is settled, and their notes with it.
    assert spool.abandoned(spool_folder) == []


def test_a_try_before_this_one_proves_nothing(notes):
    (one,) = leave_sending()
    notes.begin((one.pk, 1))
    notes.end((one.pk, 1), "later", "451")
    Delivery.objects.update(epoch=2)
    Attempt.objects.create(delivery=one, number=2, worker="gone", started_at=MORNING)
    reap(OVER)
    assert found() == [("planned", "")]


@pytest.mark.parametrize("is_there", [True, False])
def test_the_outbox_can_be_looked_up(notes, settings, is_there):
    settings.EMAIL_BACKEND = "campaigns.messages.outbox.EmailBackend"
    (one,) = leave_sending(transport="outbox")
    notes.begin((one.pk, 1))
    if is_there:
        OutboxMail.objects.create(delivery_uuid=one.uuid, raw=b"")
    die(notes)
    if not is_there:
        # Its last words to the database may still be on their way.
        assert reap(MORNING) == 0
        assert found() == [("sending", "")]
    reap(OVER)
    assert found() == [("sent" if is_there else "planned", "")]


def test_two_reapers_say_the_same_once(notes):
    (one,) = leave_sending()
    notes.begin((one.pk, 1))
    notes.end((one.pk, 1), "accepted")
    assert reap(OVER) == 1
    assert reap(OVER) == 0
    assert Delivery.objects.get().attempts == 1


def test_it_costs_the_same_statements_for_many(notes, django_assert_max_num_queries):
    leave_sending(40)
    with django_assert_max_num_queries(8):
        reap(OVER)
    assert connection.in_atomic_block
