"""A database that was really dumped and restored does not send; the original does."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from campaigns.sequences import arming
from campaigns.sequences.models import Delivery
from campaigns.sequences.sending.advance import advance
from onboarding.bundled import postgres
from tests.campaigns.sequences import scenes
from tests.campaigns.sequences.scenes import MORNING

COPY = "restored_copy"
#: Looks at the database it is given, and tries to send from it.
SENDER = """
import django
django.setup()
from campaigns.sequences import arming
from campaigns.sequences.sending import workers
from campaigns.sequences.sending.deliver import deliver
from datetime import datetime, UTC
outcome = deliver(datetime(2026, 11, 23, 8, 30, tzinfo=UTC), worker=workers.current())
print(arming.state(), outcome.trouble or "-", outcome.sent)
"""


def address(name):
    server = connection.settings_dict
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/".format(**server) + name


def run(program, *arguments):
    binaries = postgres.find_binaries(None)
    subprocess.run(
        [binaries / program, *arguments],
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
