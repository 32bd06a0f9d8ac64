import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from accounts.journal import react
from accounts.journal.record import NewEvent, record
from campaigns.sequences import arming
from campaigns.sequences.models import Campaign, Delivery, Enrolment, Heartbeat
from campaigns.sequences.planning import lifecycle
from campaigns.sequences.sending import dispatcher, reap
from campaigns.sequences.sending.dispatcher import IDLE_SECONDS, Dispatcher, Patience
from tests.campaigns.sequences.scenes import MORNING, make_campaign, make_people, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def keep(monkeypatch):
    """Tests run in one transaction: nobody may close their connection."""
    monkeypatch.setattr(dispatcher, "close_old_connections", lambda: None)
    monkeypatch.setattr(connection, "close", lambda: None)


@pytest.fixture
def dispatch(worker, keep):
    return Dispatcher(worker=worker, now=lambda: MORNING)


def test_one_turn_does_all_there_is_to_do(dispatch, smtp):
    ana, _ben = make_people(2)
    start(make_campaign())
    record(
        NewEvent(
            kind="ordered",
            account_id=ana.account_id,
            buyer_id=ana.pk,
            occurred_at=MORNING,
            source="store",
            key="1",
            data={"channel": "online", "document": "1"},
        )
    )
    assert dispatch.turn() == 0
    assert Enrolment.objects.get(buyer=ana).exit_reason == "goal_reached"
    assert Delivery.objects.get().state == "sent"
    assert Heartbeat.objects.get().part == "dispatcher"
    assert dispatch.turn() == IDLE_SECONDS


def test_it_takes_in_what_is_still_starting(dispatch, monkeypatch):
    make_people(3)
    monkeypatch.setattr(lifecycle, "AT_ONCE", 1)
    campaign = start(make_campaign())
    assert campaign.state == "starting"
    dispatch.turn()
    assert Campaign.objects.get().state == "running"


def test_it_clears_what_was_stopped_and_reaps(dispatch, monkeypatch):
    make_people(1)
    campaign = start(make_campaign())
    Campaign.objects.filter(pk=campaign.pk).update(state="stopped")
    reaped = []
    monkeypatch.setattr(reap, "reap", lambda at: reaped.append(at) or 0)
    dispatch.turn()
    assert Campaign.objects.get().cleared_at == MORNING
    assert reaped == [MORNING]


def test_one_parts_fault_leaves_the_others_at_work(dispatch, smtp, monkeypatch):
    make_people(1)
    start(make_campaign())
    tried = []

    def break_down(at):
        tried.append(at)
        raise ZeroDivisionError

    monkeypatch.setattr(react, "react", break_down)
    assert dispatch.turn() == 0
    assert len(smtp.mails) == 1
    # And it is left alone for a while, not tried as fast as the loop turns.
    dispatch.turn()
    assert len(tried) == 1


def test_a_lost_database_is_waited_for_longer_and_longer(dispatch):
    def fail():
        raise OperationalError("the server closed the connection")

    dispatch.now = fail
    dispatch._database.dice = lambda: 0.0
    waits = [dispatch.turn() for _ in range(9)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    dispatch.now = lambda: MORNING
    assert dispatch.turn() == IDLE_SECONDS
    dispatch.now = fail
    assert dispatch.turn() == 0.5


def test_a_provider_out_of_reach_is_not_asked_in_every_turn(dispatch, worker):
    make_people(1)
    start(make_campaign())
    worker.transport._lines[0]._backend.port = 1
    opened = []
    connect = worker.transport.open

    def count():
        opened.append(1)
        connect()

    worker.transport.open = count
    for _ in range(5):
        dispatch.turn()
    assert len(opened) == 1
    assert Delivery.objects.get().state == "planned"


def test_a_database_that_is_not_armed_is_looked_at_every_turn(dispatch, smtp):
    make_people(1)
    start(make_campaign())
    arming.disarm()
    dispatch.turn()
    assert smtp.mails == []
    arming.arm(None, MORNING)
    dispatch.turn()
    assert len(smtp.mails) == 1


def test_patience_doubles_and_begins_anew():
    now = [0.0]
    patience = Patience(5.0, 300.0, clock=lambda: now[0], dice=lambda: 0.0)
    assert patience.is_over
    assert [patience.fail() for _ in range(8)] == [5, 10, 20, 40, 80, 160, 300, 300]
    assert not patience.is_over
    now[0] += 300
    assert patience.is_over
    patience.succeed()
    assert patience.fail() == 5


def test_many_who_wait_for_the_same_do_not_come_back_at_once():
    waits = [Patience(8.0, 300.0).fail() for _ in range(50)]
    assert len(set(waits)) > 40
    assert all(4 < wait <= 8 for wait in waits)


def test_it_ends_when_it_is_asked_to(dispatch, spool_folder):
    dispatch.now = lambda: dispatch.stop() or MORNING
    dispatch.run()
    assert list(spool_folder.iterdir()) == []


def test_a_stop_in_the_middle_of_a_turn_starts_nothing_more(
    dispatch, smtp, monkeypatch
):
    make_people(1)
    start(make_campaign())
    monkeypatch.setattr(react, "react", lambda at: dispatch.stop() or 0)
    dispatch.turn()
    assert Delivery.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_command_drains_on_sigterm(process_environment):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "dispatch"], env=process_environment
    )
    while not Heartbeat.objects.filter(part="dispatcher").exists():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0


def test_late_is_late_by_the_databases_clock(dispatch, smtp):
    """A computer whose own clock is wrong decides nothing."""
    make_people(1)
    start(make_campaign())
    dispatch.now = lambda: MORNING + timedelta(hours=49)
    dispatch.turn()
    assert Delivery.objects.get().reason == "too_late"
