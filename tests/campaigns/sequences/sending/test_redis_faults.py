"""Redis stops, freezes, forgets or fills up in the middle of a campaign: rows are the
queue, and Redis no more than a doorbell."""

import signal

import pytest
from redis import Redis

from onboarding.bundled import processes as processes_of_ours
from tests.support import celery_parts
from tests.support import senders as processes

from .judging import is_all_settled, judge, plan, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MESSAGES = 800


@pytest.fixture
def environment(senders_environment, valkey):
    return {**senders_environment, "REDIS_URL": valkey.url}


@pytest.fixture
def senders(environment):
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
    for kind in ("dispatcher", "worker"):
        senders(kind)
    faults = [flush, fill, freeze, thaw, stop]
    for number, fault in enumerate(faults, 1):
        goal = number * MESSAGES // (len(faults) + 1)
        wait_for(lambda goal=goal: len(ledger) >= goal)
        fault(valkey)
    wait_for(is_all_settled)
    judge(ledger.read(), planned=MESSAGES, unknown=0)


def forget_the_broker(valkey):
    """Which queue is fed by what, and what a worker has not said is done."""
    redis = Redis.from_url(valkey.url)
    return {
        pattern: redis.delete(*found) if (found := redis.keys(pattern)) else 0
        for pattern in ("*_kombu.binding.*", "*unacked*")
    }


@pytest.fixture
def celery(environment, valkey):
    worker = celery_parts.start_worker(environment)
    yield worker
    processes_of_ours.stop(worker, (signal.SIGQUIT,))


class TestWhatTheBrokerKeeps:
    @pytest.fixture
    def sink_options(self):
        return ["slow=20"]

    def test_without_bindings_and_what_is_unacknowledged_sending_goes_on(
        self, senders, celery, ledger, valkey, lines
    ):
        plan(400)
        # Not before: a worker that finds nothing due waits for the next ring.
        celery_parts.ring(valkey.url)
        wait_for(lambda: len(ledger) >= 40)
        lost = forget_the_broker(valkey)
        assert all(lost.values())
        # Nobody has the ring any more: neither the worker that dies, nor its broker.
        celery_parts.child_of(celery).kill()
        celery.kill()
        wait_for(lambda: celery.poll() is not None)
        left = len(ledger)
        assert left < 400
        senders("dispatcher")
        wait_for(is_all_settled)
        judge(ledger.read(), planned=400, unknown=lines)
