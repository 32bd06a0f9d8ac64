"""The queue and the batches beside the deliveries: always in step with them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from accounts.journal import invariants
from campaigns.sequences.models import Batch, Campaign, Delivery, Queued
from campaigns.sequences.sending import claim, reap
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.claim import LEASE
from tests.campaigns.sequences.scenes import MORNING, make_campaign, make_people, start

pytestmark = pytest.mark.django_db


def plan(number):
    make_people(number)
    start(make_campaign())
    advance(MORNING)


def queue():
    return dict(Queued.objects.values_list("delivery", "due_at"))


def planned():
    rows = Delivery.objects.filter(state="planned")
    return dict(rows.values_list("pk", "due_at"))


def broken():
    return {one.invariant.code for one in invariants.audit(MORNING) if not one.holds}


def take(number, worker="first"):
    return [one.id for one in claim.claim(MORNING, worker=worker, limit=number)]


def test_what_is_planned_waits_in_the_queue():
    plan(5)
    assert len(queue()) == 5
    assert queue() == planned()
    assert set(Queued.objects.values_list("campaign")) == set(
        Delivery.objects.values_list("campaign")
    )


def test_what_is_claimed_waits_no_more_and_stands_in_the_batch():
    plan(5)
    ids = take(2)
    assert queue() == planned()
    assert len(queue()) == 3
    assert sorted(Batch.objects.get().deliveries) == sorted(ids)
    assert set(Delivery.objects.held().values_list("pk", flat=True)) == set(ids)


def test_another_time_is_another_place_in_the_queue():
    plan(2)
    Delivery.objects.update(due_at=F("due_at") + timedelta(hours=1))
    assert queue() == planned()
    assert take(2) == []


@pytest.mark.parametrize("state", ["skipped", "failed"])
def test_what_is_not_sent_waits_no_more(state):
    plan(3)
    if state == "failed":
        take(3)
    Delivery.objects.update(state=state, reason="x", settled_at=MORNING)
    assert queue() == {}


def test_what_is_given_back_waits_again_where_it_is_told_to():
    plan(3)
    ids = take(3)
    later = MORNING + timedelta(hours=2)
    claim.give_back(ids, worker="first", dues=[later] * 3)
    assert queue() == planned() == dict.fromkeys(ids, later)


def test_the_proof_sees_a_lost_place():
    plan(2)
    assert broken() == set()
    Queued.objects.filter(delivery=Delivery.objects.first()).delete()
    assert broken() == {"I11"}


def test_without_its_trigger_the_queue_would_be_behind():
    plan(2)
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE sequences_delivery DISABLE TRIGGER sequences_delivery_queued"
        )
    Delivery.objects.update(state="skipped", reason="x", settled_at=MORNING)
    assert len(queue()) == 2
    assert broken() == {"I11"}


def test_a_second_batch_takes_the_place_of_a_first_that_is_over():
    plan(4)
    first = take(2)
    claim.give_back(first, worker="first", dues=[MORNING + LEASE] * 2)
    second = take(2)
    assert sorted(Batch.objects.get().deliveries) == sorted(second)


def test_a_second_batch_does_not_hide_what_is_left_of_the_first():
    plan(4)
    ids = take(2) + take(2)
    assert sorted(Batch.objects.get().deliveries) == sorted(ids)
    assert reap.reap(MORNING + LEASE * 2) == 4
    assert queue() == planned()
    assert len(planned()) == 4


def test_the_reaper_forgets_a_batch_that_is_over_and_no_other():
    plan(4)
    over = take(2, worker="over")
    claim.give_back(over, worker="over")
    reap.reap(MORNING)
    assert set(Batch.objects.values_list("worker", flat=True)) == {"over"}
    reap.reap(MORNING + LEASE * 2)
    assert not Batch.objects.exists()


def test_without_its_batch_nobody_would_find_what_was_claimed():
    plan(2)
    take(2)
    Batch.objects.all().delete()
    assert broken() == {"I11"}
    assert reap.reap(MORNING + LEASE * 2) == 0


# -- How it is read --------------------------------------------------------------------

OTHERS, MANY = 20, 20_000


def run(sql, values=()):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def counted_long_ago():
    """PostgreSQL counted when one campaign was nearly through its thousands; others
    run, and have nothing due."""
    plan(5)
    others = Campaign.objects.bulk_create(
        Campaign(name="Other", goal="registered", state="running")
        for _ in range(OTHERS)
    )
    run(
        "INSERT INTO sequences_queued (delivery_id, campaign_id, due_at)"
        " SELECT -number, %s, %s FROM generate_series(1, %s) AS many (number)",
        [others[0].pk, MORNING, MANY],
    )
    run("DELETE FROM sequences_queued WHERE delivery_id < -500")
    run("ANALYZE sequences_queued")
    Queued.objects.filter(delivery__lt=0).update(due_at=MORNING + LEASE)


def read_by_a_claim():
    counts = (
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
        " WHERE relname = 'sequences_queued'"
    )
    [(before,)] = run(counts)
    assert len(claim.take(MORNING, worker="first", limit=500)) == 5
    [(after,)] = run(counts)
    return after - before


def test_a_claim_reads_no_more_of_the_queue_than_it_takes(counted_long_ago):
    assert read_by_a_claim() < 50


def test_going_by_what_was_counted_it_would(counted_long_ago):
    run("ALTER FUNCTION sequences_due(timestamptz, bigint) RESET ALL")
    assert read_by_a_claim() >= 500 * OTHERS
