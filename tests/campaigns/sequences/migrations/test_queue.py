"""An installation gets the queue as a table apart, in the midst of its sending.

PostgreSQL changes its tables within the test's transaction, and takes that back
however the test ends.
"""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.journal import invariants
from campaigns.sequences.models import Attempt, Batch, Delivery, Queued
from campaigns.sequences.sending import claim, reap
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.claim import LEASE
from campaigns.sequences.sending.deliver import deliver
from tests.campaigns.sequences.scenes import (
    MONDAY,
    MORNING,
    make_campaign,
    make_people,
    start,
)

pytestmark = pytest.mark.django_db

BEFORE = ("sequences", "0008_measured_sums")
LATER = MORNING + LEASE / 2

_SHAPE = """
    SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'sequences\\_%'
    UNION ALL
    SELECT pg_get_triggerdef(oid) FROM pg_trigger
    WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'sequences\\_%'
    UNION ALL
    SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid::regclass::text LIKE 'sequences\\_%'
    UNION ALL
    SELECT oid::regclass || ' ' || reloptions::text FROM pg_class
    WHERE relname LIKE 'sequences\\_%' AND reloptions IS NOT NULL
    UNION ALL
    SELECT table_name || ' ' || column_name || ' ' || data_type || ' '
        || coalesce(generation_expression, '')
    FROM information_schema.columns WHERE table_name LIKE 'sequences\\_%'
"""


def rows(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return sorted(cursor.fetchall())


def migrate(*targets):
    """With what is checked at the end otherwise checked now: tables change."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets) or executor.loader.graph.leaf_nodes())


def deliveries():
    """But for the columns that are worked out from others."""
    hidden = "ARRAY['is_unknown', 'stands', 'troubled_at']"
    return rows(f"SELECT to_jsonb(d) - {hidden} FROM sequences_delivery d ORDER BY id")


def queue():
    return set(Queued.objects.values_list("delivery_id", "campaign_id", "due_at"))


def planned():
    waiting = Delivery.objects.filter(state="planned")
    return set(waiting.values_list("pk", "campaign_id", "due_at"))


def batches():
    return {one.worker: sorted(one.deliveries) for one in Batch.objects.all()}


def broken(at=LATER):
    return [
        (found.invariant.sentence, found.broken.examples)
        for found in invariants.audit(at)
        if not found.holds
    ]


@pytest.fixture
def sending(worker):
    """Two sent, one on the wire and two claimed by two senders, two that wait."""
    make_people(7)
    start(make_campaign())
    advance(MORNING)
    later = Delivery.objects.order_by("-pk")[:5].values_list("pk", flat=True)
    Delivery.objects.filter(pk__in=list(later)).update(due_at=LATER)
    deliver(MORNING, worker=worker)
    held = claim.take(LATER, worker="first", limit=2)
    held += claim.take(LATER, worker="second", limit=1)
    Delivery.objects.filter(pk=held[0]).update(state="sending", epoch=1)
    Attempt.objects.create(
        delivery_id=held[0], number=1, worker="first", started_at=LATER
    )
    assert broken() == []
    return {"first": sorted(held[:2]), "second": held[2:]}


@pytest.fixture
def migrated(sending):
    migrate(BEFORE)
    assert rows("SELECT to_regclass('sequences_queued')") == [(None,)]
    migrate()


def test_what_waits_is_queued_and_what_is_on_its_way_is_found_when_its_sender_died(
    migrated, sending
):
    assert len(queue()) == 2
    assert queue() == planned()
    assert batches() == sending
    assert set(Batch.objects.values_list("lease_until")) == {(LATER + LEASE,)}
    assert broken() == []

    reap.reap(LATER + 3 * LEASE)

    assert batches() == {}
    assert len(queue()) == 4
    assert Delivery.objects.get(state="unknown").is_unknown
    assert broken(LATER + 3 * LEASE) == []


def test_the_queue_follows_what_changes_afterwards(migrated):
    waiting = Delivery.objects.filter(state="planned").order_by("pk")
    first, second = waiting.values_list("pk", flat=True)

    Delivery.objects.filter(pk=first).update(due_at=MONDAY)
    Delivery.objects.filter(pk=second).update(state="skipped", reason="stopped")
    start(make_campaign())
    advance(MORNING)

    assert len(queue()) == 8
    assert queue() == planned()
    assert (first, MONDAY) in {(pk, due) for pk, _campaign, due in queue()}
    assert broken() == []


def test_back_and_forth_and_back_nothing_is_lost(sending):
    shape, told = rows(_SHAPE), deliveries()

    migrate(BEFORE)
    assert rows(_SHAPE) != shape
    assert deliveries() == told
    migrate()
    assert rows(_SHAPE) == shape
    assert deliveries() == told
    migrate(BEFORE)
    assert deliveries() == told


def test_what_is_settled_before_is_not_taken_for_open(sending):
    migrate(BEFORE)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sequences_delivery SET state = 'skipped', reason = 'stopped',"
            " settled_at = due_at, lease_until = NULL"
            " WHERE state IN ('planned', 'claimed')"
        )

    migrate()

    assert queue() == set()
    assert batches() == {"first": sending["first"][:1]}
    assert broken() == []
