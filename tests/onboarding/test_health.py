from datetime import timedelta

import pytest
from django.db import connection

from accounts.journal import clock
from campaigns.sequences.sending import heartbeat
from onboarding import heartbeats, readiness


@pytest.fixture(autouse=True)
def unseen():
    """Nobody has asked within the last seconds."""
    readiness._seen.clear()


def test_a_living_process_says_so(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})
    assert answer["Cache-Control"] == "no-store"


def test_probes_come_by_number_and_in_clear_text(client, settings):
    settings.ALLOWED_HOSTS = ["shop.example"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_a_probe_is_only_asked(client):
    assert client.post("/readyz").status_code == 405


def make_all_beat():
    for part in ("worker", "dispatcher", "beat"):
        heartbeats.beat(part)


@pytest.fixture
def next_month(monkeypatch):
    monkeypatch.setitem(readiness.PROBES, "next_month", lambda: None)


def test_ready_once_every_part_works(db, client, next_month):
    before = client.get("/readyz")
    make_all_beat()
    readiness._seen.clear()
    after = client.get("/readyz")
    assert before.status_code == 503
    assert before.json()["parts"]["worker"] == "never seen"
    assert after.status_code == 200
    assert set(after.json()["parts"].values()) == {"fine"}


@pytest.mark.parametrize("part", ["worker", "dispatcher", "beat"])
def test_a_part_that_fell_silent_is_named(db, client, next_month, part):
    make_all_beat()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sequences_heartbeat SET at = at - interval '31 seconds'"
            " WHERE part = %s",
            [part],
        )
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"][part].startswith("silent for")


def test_one_of_two_instances_is_enough(db, client, next_month):
    make_all_beat()
    heartbeat.beat("worker", "an old host", clock.now() - timedelta(hours=1))
    assert client.get("/readyz").status_code == 200


def test_a_broker_that_is_gone_is_named_and_nothing_more(db, client, settings):
    settings.REDIS_URL = "redis://:geheim@127.0.0.1:1/0"
    answer = client.get("/readyz")
    assert answer.json()["parts"]["broker"] == "no answer"
    assert "geheim" not in answer.content.decode()


def test_a_database_that_is_gone_is_an_answer_and_no_error(client, monkeypatch):
    # Without the db fixture every use of the database raises.
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "no answer"


def test_a_missing_partition_of_next_month_is_named(db, client):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('DROP TABLE %s', inhrelid::regclass) FROM pg_inherits"
            " WHERE inhparent = 'journal_event'::regclass"
        )
        for (drop,) in cursor.fetchall():
            cursor.execute(drop)
    answer = client.get("/readyz")
    assert answer.json()["parts"]["next_month"] == "no partition for next month"


def test_who_asks_often_does_not_make_us_look_often(db, client, monkeypatch):
    looks = []
    monkeypatch.setattr(readiness, "look", lambda: looks.append(1) or [])
    for _time in range(5):
        client.get("/readyz")
    assert len(looks) == 1


def test_an_answer_holds_for_two_seconds_only(monkeypatch):
    looks = []
    monkeypatch.setattr(readiness, "look", lambda: looks.append(1) or [])
    for now in (100.0, 101.9, 102.0):
        readiness.look_again(now)
    assert len(looks) == 2
