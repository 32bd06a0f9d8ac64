"""The bell: rung after the commit, heard or not, and never in anybody's way."""

import pytest
from django.db import transaction

from accounts.journal import clock, doorbell, tasks
from accounts.journal.models import AccountProgress, UnmatchedEvent
from accounts.journal.record import record
from onboarding import timetable
from tests.factories import AccountFactory

from .conftest import NOON, event


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    monkeypatch.setattr(doorbell, "_silent_until", 0.0)


@pytest.fixture
def deaf(monkeypatch):
    """A broker that does not answer; how often somebody tried."""
    tried = []

    def fail(name, **options):
        tried.append(name)
        raise ConnectionError("broker")

    monkeypatch.setattr(doorbell.current_app, "send_task", fail)
    return tried


@pytest.mark.django_db(transaction=True)
def test_a_silent_broker_takes_nothing_away(deaf):
    account = AccountFactory()
    record(event(account))

    tasks.react_to_events()

    assert AccountProgress.objects.get().logged_in_count == 1


def test_a_broker_that_failed_is_left_alone_for_a_while(deaf, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(doorbell.time, "monotonic", lambda: now[0])
    for _ in range(5):
        doorbell.ring(doorbell.REACT)
    assert len(deaf) == 1

    now[0] += doorbell.PATIENCE_SECONDS + 1
    doorbell.ring(doorbell.REACT)

    assert len(deaf) == 2


def test_nobody_rings_before_the_commit(rings, django_capture_on_commit_callbacks, db):
    with django_capture_on_commit_callbacks() as waiting, transaction.atomic():
        doorbell.ring_on_commit(doorbell.REACT)
        doorbell.ring_on_commit(doorbell.REACT)
        doorbell.ring_on_commit(doorbell.MATCH)
        assert not rings

    assert len(waiting) == 2
    for ring in waiting:
        ring()
    assert rings == [doorbell.REACT, doorbell.MATCH]


def test_the_tasks_are_on_the_timetable():
    rung = {entry["task"] for entry in timetable.TIMETABLE.values()}

    assert {doorbell.REACT, doorbell.MATCH, "journal.partitions"} <= rung


def test_the_tasks_find_their_work_by_themselves(db):
    UnmatchedEvent.objects.create(
        source="store",
        key="a",
        digest=b"",
        kind="logged_in",
        account_number="77",
        reason="unknown_account",
        body={
            "key": "a",
            "kind": "logged_in",
            "occurred_at": NOON.isoformat(),
            "account": "77",
            "buyer": {},
            "data": {},
        },
    )
    AccountFactory(number="77")

    tasks.match_again()
    tasks.react_to_events()
    tasks.make_partitions()

    assert AccountProgress.objects.get().logged_in_first == NOON


def test_the_clock_is_the_databases(db):
    first, second = clock.now(), clock.now()

    assert first.tzinfo is not None
    assert second > first
