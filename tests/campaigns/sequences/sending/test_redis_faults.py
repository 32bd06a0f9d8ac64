"""Redis stops, freezes, forgets or fills up in the middle of a campaign: rows are the
queue, and Redis no more than a doorbell."""

import signal
import time

import pytest
from redis import Redis

from onboarding.bundled.valkey import Valkey
from tests.support import senders as processes

from .judging import is_all_settled, judge, plan, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MESSAGES = 800


@pytest.fixture
def valkey(tmp_path):
    """One of our own, to be broken."""
    valkey = Valkey(tmp_path / "valkey", careless=True)
    valkey.start()
    yield valkey
    valkey.process.send_signal(signal.SIGCONT)
    valkey.stop()


@pytest.fixture
def senders(process_environment, ledger, valkey):
    environment = {
        **process_environment,
        "EMAIL_URL": f"smtp://127.0.0.1:{ledger.port}",
        "REDIS_URL": valkey.url,
        "LOG_LEVEL": "ERROR",
    }
    with processes.running(environment) as senders:
        yield senders


def flush(valkey):
    Redis.from_url(valkey.url).flushall()


def fill(valkey):
    """It refuses every write from now on, as a full one does."""
    Redis.from_url(valkey.url).config_set("maxmemory", 1)


def freeze(valkey):
    valkey.process.send_signal(signal.SIGSTOP)


def thaw(valkey):
    valkey.process.send_signal(signal.SIGCONT)


def stop(valkey):
    valkey.process.kill()


def test_whatever_becomes_of_redis_everybody_gets_one(senders, ledger, valkey):
    plan(MESSAGES)
    began = time.monotonic()
    for kind in ("dispatcher", "worker"):
        senders(kind)
    faults = [flush, fill, freeze, thaw, stop]
    for number, fault in enumerate(faults, 1):
        goal = number * MESSAGES // (len(faults) + 1)
        wait_for(lambda goal=goal: len(ledger) >= goal)
        fault(valkey)
    wait_for(is_all_settled)
    judge(ledger.read(), planned=MESSAGES, unknown=0)
    assert time.monotonic() - began < 60
