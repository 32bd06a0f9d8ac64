"""The database crashes in the middle, refuses for a while, as in a failover, and then
has no place left.

A PostgreSQL of its own is stopped and started under the real parts of the product;
the mail server's ledger judges, and the processors' time says whether they waited.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from accounts.journal import clock
from campaigns.sequences import arming
from campaigns.sequences.sending import claim
from onboarding.bundled import ports, postgres
from onboarding.bundled.postgres import Postgres
from tests.campaigns.sequences.sending.judging import (
    is_all_settled,
    judge,
    plan,
    wait_for,
)
from tests.support import ledgers, senders
from tests.support.house import House, cpu

pytestmark = pytest.mark.slow

MESSAGES = 4_000
CRASHED, CRASHES, LEASE = 1_500, 3, 3
LEASE_OF_OURS = claim.LEASE.total_seconds()
PLACES = 20
#: How often a dispatcher comes back in vain: some seconds of waiting.
TRIES = 4
#: In the second or two that this takes, all parts notice, and say so in their logs.
MOST_OF_A_PROCESSOR = 0.2
SERVER = ("HOST", "PORT", "NAME", "USER", "PASSWORD")


@pytest.fixture
def server(monkeypatch):
    """A PostgreSQL with few places, always at the same port."""
    port = ports.find_free()
    same = SimpleNamespace(find_free=lambda: port)
    monkeypatch.setattr(postgres, "ports", same)
    monkeypatch.setitem(postgres.SETTINGS, "max_connections", str(PLACES))
    # What was committed must outlast a crash: without, messages do go out twice.
    monkeypatch.setitem(postgres.CARELESS, "synchronous_commit", "on")
    # Not tmp_path: for root, `nobody` must be able to come this far.
    with tempfile.TemporaryDirectory(prefix="onboarding-outage-") as home:
        Path(home).chmod(0o711)
        server = Postgres(Path(home) / "postgres", careless=True)
        server.start()
        yield server
        server.stop()


@pytest.fixture
def ledger(tmp_path):
    with ledgers.kept(tmp_path / "ledger", "tests.support.smtp_sink") as ledger:
        yield ledger


@pytest.fixture
def environment(server, ledger, tmp_path):
    return {
        **os.environ,
        "DATABASE_URL": server.url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "MAIL_TRANSPORT": "smtp",
        "EMAIL_URL": f"smtp://127.0.0.1:{ledger.port}",
        "SPOOL_DIR": str(tmp_path / "spool"),
        "ALLOW_BUNDLED": "1",
        "LOG_FORMAT": "plain",
        # Hundreds of rings that other tests left in the broker are not ours to answer.
        "BROKER_PREFIX": f"outage-{os.getpid()}-{ledger.port}:",
    }


@pytest.fixture
def database(server, environment, django_db_blocker):
    """Ours, under the name of the tests' own: `connection` leads there."""
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, env=environment, check=True)
    before = {name: connection.settings_dict[name] for name in SERVER}
    there = psycopg.conninfo.conninfo_to_dict(server.url)
    ours = [there[name] for name in ("host", "port", "dbname", "user", "password")]
    with django_db_blocker.unblock():
        connection.close()
        connection.settings_dict.update(zip(SERVER, ours, strict=True))
        yield
        connection.close()
        connection.settings_dict.update(before)


def share_of_a_processor(spent, until):
    """What is spent from now until then, of the time that passes."""
    began, before = time.monotonic(), spent()
    wait_for(until)
    return (spent() - before) / (time.monotonic() - began)


@pytest.fixture
def house(tmp_path, environment):
    house = House(tmp_path, environment)
    yield house
    house.end()


def crash(server):
    """As `pg_ctl restart -m immediate`: it comes back from its log alone."""
    connection.close()
    server.process.send_signal(signal.SIGQUIT)
    server.process.wait()
    server.start()


def fill(url):
    """Take every place there is, from whoever had one; they come back too late."""
    held = [psycopg.connect(url, autocommit=True)]
    while len(held) < PLACES:
        try:
            held.append(psycopg.connect(url, autocommit=True))
        except psycopg.OperationalError:
            held[0].execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND NOT pid = ANY(%s)",
                [[one.info.backend_pid for one in held]],
            )
    return held


def wait_in_vain(house):
    """Until the dispatcher has come back some times, and they have told visitors."""
    tries = house.heard("dispatcher", "database_lost") + TRIES
    share = share_of_a_processor(
        house.spent, lambda: house.heard("dispatcher", "database_lost") >= tries
    )
    assert share < MOST_OF_A_PROCESSOR
    status, page = house.ask("/accounts/login/")
    assert (status, "database cannot be reached" in page) == (503, True)
    status, told = house.ask("/readyz")
    assert (status, '"database": "no answer"' in told) == (503, True)


def test_whatever_becomes_of_the_database_everybody_gets_one(
    database, server, house, ledger
):
    plan(MESSAGES)
    arming.disarm()
    house.start("web", "worker", "beat", "dispatcher")
    wait_for(house.is_ready)
    arming.arm(None, clock.now())
    wait_for(lambda: len(ledger) >= MESSAGES // 4)

    connection.close()
    server.stop()
    wait_in_vain(house)
    assert len(ledger) < MESSAGES // 2
    server.start()
    wait_for(lambda: len(ledger) >= MESSAGES // 2)

    connection.close()
    held = fill(server.url)
    wait_in_vain(house)
    assert len(ledger) < MESSAGES
    for one in held:
        one.close()
    wait_for(is_all_settled)
    judge(ledger.read(), planned=MESSAGES, unknown=0)
    # Not one of them had to be started anew, and each is at work again.
    wait_for(house.is_ready)
    assert house.are_alive()


def test_a_database_that_crashes_sends_nothing_twice(
    database, server, environment, ledger
):
    """Senders outlive it; what they told it is there again, and what it never got
    they have noted."""
    plan(CRASHED)
    with senders.running({**environment, "LOG_LEVEL": "ERROR"}) as start:
        for kind in ("dispatcher", "worker"):
            start(kind, lease=LEASE)
        for number in range(1, CRASHES + 1):
            goal = number * CRASHED // (CRASHES + 2)
            wait_for(lambda goal=goal: len(ledger) >= goal)
            crash(server)
        assert len(ledger) < CRASHED
        wait_for(is_all_settled)
    # None, unless a sender stood still for its whole lease.
    under_way = CRASHES * settings.MAIL_CONNECTIONS
    judge(ledger.read(), planned=CRASHED, unknown=under_way)


def test_workers_alone_put_in_order_what_they_left(
    database, server, environment, ledger
):
    """Without a dispatcher that reaps: it may live on a computer of its own."""
    plan(CRASHED)
    with senders.running({**environment, "LOG_LEVEL": "ERROR"}) as start:
        start("worker")
        wait_for(lambda: len(ledger) >= CRASHED // 3)
        connection.close()
        server.stop()
        assert len(ledger) < CRASHED
        server.start()
        # Long before a lease is over.
        wait_for(is_all_settled, seconds=LEASE_OF_OURS / 2)
    judge(ledger.read(), planned=CRASHED, unknown=0)


def test_who_did_not_wait_would_burn_a_processor(environment):
    """The negative control: a dispatcher that comes back at once."""
    nowhere = {**environment, "DATABASE_URL": "postgresql://me@127.0.0.1:1/nothing"}
    with senders.running({**nowhere, "LOG_LEVEL": "ERROR"}) as start:
        pid = start("dispatcher", impatient=True)
        share = share_of_a_processor(lambda: cpu(pid), lambda: cpu(pid) > 1)
    assert share > MOST_OF_A_PROCESSOR * 2
