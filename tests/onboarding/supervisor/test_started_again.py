"""Stopped and started again, an installation with bundled servers goes on sending."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection

from campaigns.sequences import arming, witness
from campaigns.sequences.arming import State
from campaigns.sequences.models import Heartbeat
from campaigns.sequences.sending import heartbeat
from onboarding import heartbeats
from onboarding.supervisor import services

MORNING = datetime(2026, 11, 23, 8, tzinfo=UTC)
EVENING = MORNING + timedelta(hours=9)


@pytest.fixture
def address(transactional_db, tmp_path):
    """Armed in the morning, at work until the evening."""
    witness.watch(tmp_path)
    arming.arm(None, MORNING)
    for part in ("dispatcher", "worker", "beat"):
        heartbeat.beat(part, "one", EVENING - timedelta(seconds=8))
    heartbeat.beat("dispatcher", "two", EVENING)
    arming.bear_witness(EVENING)
    server = connection.settings_dict
    yield "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**server)
    witness.watch(None)


def test_it_may_send_as_before(address):
    services.forget_signs_of_life(address)

    assert arming.state() is State.ARMED


def test_however_often_it_is_started(address):
    for _time in range(3):
        services.forget_signs_of_life(address)

    assert arming.state() is State.ARMED
    assert Heartbeat.objects.count() == 1


def test_nobody_takes_last_time_for_a_sign_of_life(address):
    services.forget_signs_of_life(address)

    assert [heartbeats.read_age(part) for part in ("dispatcher", "worker", "beat")] == [
        None,
        None,
        None,
    ]


def test_negative_control_having_forgotten_all_of_it_looks_like_a_step_back(address):
    Heartbeat.objects.all().delete()

    assert arming.state() is State.WENT_BACK


def test_a_database_without_tables_has_nothing_to_forget(address):
    with psycopg.connect(address, autocommit=True) as database:
        database.execute("CREATE SCHEMA empty")
    try:
        services.forget_signs_of_life(f"{address}?options=-csearch_path%3Dempty")
    finally:
        with psycopg.connect(address, autocommit=True) as database:
            database.execute("DROP SCHEMA empty")
    assert Heartbeat.objects.count() == 4
