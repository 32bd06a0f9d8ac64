"""A database that was really dumped and restored does not send; the original does."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from campaigns.sequences import arming, witness
from campaigns.sequences.arming import State
from campaigns.sequences.models import Delivery, Heartbeat, SendingAct
from campaigns.sequences.sending import heartbeat
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from campaigns.sequences.sending.dispatcher import Dispatcher
from onboarding.bundled import postgres
from tests.campaigns.sequences import scenes
from tests.campaigns.sequences.scenes import MORNING

COPY = "restored_copy"
#: Looks at the database it is given, and tries to send from it.
SENDER = """
import django
django.setup()
from campaigns.sequences import arming, witness
from campaigns.sequences.arming import State
from campaigns.sequences.sending import workers
from campaigns.sequences.sending.deliver import deliver
from datetime import datetime, UTC
outcome = deliver(datetime(2026, 11, 23, 8, 30, tzinfo=UTC), worker=workers.current())
print(arming.state(), outcome.trouble or "-", outcome.sent)
"""


def address(name):
    server = connection.settings_dict
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/".format(**server) + name


def binaries():
    """The programs of the server's version: newer ones write what it cannot read."""
    beside_it = Path(f"/usr/lib/postgresql/{connection.pg_version // 10_000}/bin")
    return beside_it if beside_it.is_dir() else postgres.find_binaries(None)


def run(program, *arguments):
    subprocess.run(
        [binaries() / program, *arguments],
        check=True,
        capture_output=True,
        env={**os.environ, "LC_ALL": "C"},
    )


@pytest.fixture
def copy(tmp_path, transactional_db, spool_folder):
    """An armed database with two due messages, and its dump restored beside it."""
    scenes.make_people(2)
    scenes.start(scenes.make_campaign())
    advance(MORNING)
    dump = tmp_path / "yesterday.dump"
    original = connection.settings_dict["NAME"]
    run("pg_dump", "--format=custom", f"--file={dump}", address(original))
    run("psql", address("postgres"), "-c", f"DROP DATABASE IF EXISTS {COPY}")
    run("psql", address("postgres"), "-c", f"CREATE DATABASE {COPY}")
    run("pg_restore", "--no-owner", f"--dbname={address(COPY)}", dump)
    yield COPY
    run("psql", address("postgres"), "-c", f"DROP DATABASE {COPY} WITH (FORCE)")


def try_to_send(name, environment):
    done = subprocess.run(
        [sys.executable, "-c", SENDER],
        capture_output=True,
        text=True,
        check=True,
        env={**environment, "DATABASE_URL": address(name)},
    )
    return done.stdout.split()


def test_the_copy_does_not_send_and_the_original_does(copy, process_environment, smtp):
    assert try_to_send(copy, process_environment) == ["disarmed", "disarmed", "0"]
    assert smtp.mails == []
    # The negative control: the same rows, where they were armed.
    original = connection.settings_dict["NAME"]
    assert try_to_send(original, process_environment) == ["armed", "-", "2"]
    assert len(smtp.mails) == 2


def test_the_same_disk_elsewhere_has_another_key(copy, process_environment, smtp):
    original = connection.settings_dict["NAME"]
    elsewhere = {
        **process_environment,
        "ARMING_KEY": "the key of another environment, long",
    }
    assert try_to_send(original, elsewhere) == ["disarmed", "disarmed", "0"]
    assert arming.is_armed()
    assert Delivery.objects.filter(state="planned").count() == 2


# -- Put back into the very database it came from ------------------------------------

NIGHT = MORNING - timedelta(hours=9)


@pytest.fixture
def put_back(tmp_path, transactional_db, worker):
    """Last night's dump, restored this morning; the dispatcher has run in between."""
    witness.watch(tmp_path / "witness")
    scenes.make_people(2)
    scenes.start(scenes.make_campaign(), at=NIGHT)
    heartbeat.beat("dispatcher", "last night", NIGHT)
    dump = tmp_path / "night.dump"
    address_of_ours = address(connection.settings_dict["NAME"])
    run("pg_dump", "--format=custom", f"--file={dump}", address_of_ours)
    dispatcher = Dispatcher(worker=worker, now=lambda: MORNING)
    dispatcher._beat()
    advance(MORNING)
    assert arming.is_armed()
    connection.close()
    # Emptied and filled again, it keeps its oid, and so its permission.
    anew = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
    run("psql", address_of_ours, "-c", anew)
    run("pg_restore", "--no-owner", f"--dbname={address_of_ours}", dump)
    yield Dispatcher(worker=worker, now=lambda: MORNING + timedelta(minutes=1))
    witness.watch(None)


def test_a_database_that_was_put_back_does_not_send(put_back, worker, smtp):
    assert arming.state() is State.WENT_BACK
    assert deliver(MORNING, worker=worker).trouble == "disarmed"
    put_back._beat()
    # From now on its sign of life is young again: the permission itself is gone.
    assert arming.state() is State.DISARMED
    act = SendingAct.objects.get()
    assert (act.act, act.by, act.reason) == ("disarmed", None, "went_back")
    assert smtp.mails == []


def test_a_person_allows_it_again(put_back):
    arming.arm(None, MORNING + timedelta(minutes=2))
    assert arming.is_armed()
    put_back._beat()
    assert arming.is_armed()


def test_negative_control_without_a_witness_it_would_send(put_back, worker, smtp):
    witness.watch(None)
    assert arming.is_armed()
    advance(MORNING)
    deliver(MORNING, worker=worker)
    assert len(smtp.mails) == 2


def test_a_process_that_was_off_for_days_is_no_step_back(
    transactional_db, worker, tmp_path
):
    witness.watch(tmp_path)
    try:
        arming.arm(None, NIGHT)
        Dispatcher(worker=worker, now=lambda: MORNING)._beat()
        later = MORNING + timedelta(days=9)
        Dispatcher(worker=worker, now=lambda: later)._beat()
        assert arming.is_armed()
        assert Heartbeat.objects.count() == 1
    finally:
        witness.watch(None)


def test_what_it_remembers_of_another_database_does_not_matter(tmp_path):
    witness.watch(tmp_path)
    try:
        witness.keep("one", MORNING)
        assert witness.saw_later("one", NIGHT)
        assert not witness.saw_later("another", NIGHT)
        assert not witness.saw_later("one", MORNING - timedelta(seconds=30))
        assert not witness.saw_later("one", None)
        (tmp_path / "last-seen.json").write_text("not json")
        assert not witness.saw_later("one", NIGHT)
    finally:
        witness.watch(None)
