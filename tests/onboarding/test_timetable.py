from datetime import timedelta

import pytest
from celery.schedules import schedule
from django.db.utils import OperationalError

from onboarding import beat, heartbeats
from onboarding.celery import app
from onboarding.tasks import tick
from onboarding.timetable import TIMETABLE


@pytest.fixture
def bell():
    return beat.Beat(app=app, lazy=True)


@pytest.mark.parametrize("name", sorted(TIMETABLE))
def test_every_ring_is_for_a_task_that_exists(name):
    app.loader.import_default_modules()
    assert TIMETABLE[name]["task"] in app.tasks


@pytest.mark.parametrize("name", sorted(TIMETABLE))
def test_no_ring_outlives_the_next_one(name):
    entry = TIMETABLE[name]
    assert entry["options"]["expires"] <= entry["schedule"]


def test_intervals_know_no_wall_clock():
    assert all(isinstance(entry["schedule"], float) for entry in TIMETABLE.values())


def test_a_tick_shows_that_a_worker_works(db):
    before = heartbeats.read_age("worker")
    tick()
    assert before is None
    assert heartbeats.read_age("worker") == 0


def test_the_bell_shows_that_it_lives(db, bell):
    bell.show_life()
    assert heartbeats.read_age("beat") == 0


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_on_without_a_database(bell, monkeypatch):
    def fail(part):
        raise OperationalError("gone")

    monkeypatch.setattr(heartbeats, "beat", fail)
    bell.show_life()


def test_at_the_start_everything_is_due_at_once(bell):
    bell.setup_schedule()
    entries = bell.schedule.values()
    assert entries
    assert all(entry.is_due()[0] for entry in entries)


def test_without_that_the_first_ring_would_wait_an_interval(bell):
    """What Celery's own scheduler does."""
    entry = next(iter(bell.schedule.values()), None)
    assert not schedule(timedelta(seconds=10)).is_due(app.now())[0]
    assert entry is None
