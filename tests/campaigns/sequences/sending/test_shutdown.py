"""Senders that are asked to stop, are replaced, or fall to a lack of memory.

Celery's own processes, and the server's ledger as the judge.
"""

import signal
import subprocess
import sys

import pytest

from accounts.journal import clock
from campaigns.sequences import tasks
from campaigns.sequences.models import Delivery
from campaigns.sequences.sending import reap, stopping, workers
from onboarding.bundled import processes as processes_of_ours
from tests.support import celery_parts

from .judging import is_all_settled, judge, plan, unknown, wait_for

pytestmark = [pytest.mark.django_db(transaction=True)]

MESSAGES = 240
#: Seconds: how long a worker may take to end what it has begun.
DRAINED = 30


@pytest.fixture
def sink_options():
    """So slow that a campaign takes longer than a stop."""
    return ["slow=20"]


@pytest.fixture
def environment(senders_environment, valkey):
    return {**senders_environment, "REDIS_URL": valkey.url}


@pytest.fixture
def celery(environment, valkey):
    """Starts a worker that is told to send."""
    started = []

    def celery():
        celery_parts.ring(valkey.url)
        started.append(celery_parts.start_worker(environment, f"worker{len(started)}"))
        return started[-1]

    yield celery
    for worker in started:
        processes_of_ours.stop(worker, (signal.SIGQUIT,))


@pytest.fixture
def dispatcher(environment):
    """Starts one as the supervisor does."""
    started = []

    def dispatcher():
        command = [sys.executable, "manage.py", "dispatch"]
        started.append(subprocess.Popen(command, env=environment))
        return started[-1]

    yield dispatcher
    for process in started:
        processes_of_ours.stop(process)


def open_states():
    return set(Delivery.objects.open().values_list("state", flat=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "times"), [("celery", 1), ("celery", 2), ("dispatcher", 2)]
)
def test_asked_to_stop_it_ends_what_it_has_begun(times, kind, request, ledger, senders):
    plan(MESSAGES)
    process = request.getfixturevalue(kind)()
    wait_for(lambda: len(ledger) >= 30)
    for _ in range(times):
        process.send_signal(signal.SIGTERM)
    assert process.wait(DRAINED) == 0
    # Nothing is in its hands any more, and it did not go on to the end.
    assert open_states() == {"planned"}
    assert unknown() == 0
    senders("worker")
    wait_for(is_all_settled)
    judge(ledger.read(), planned=MESSAGES, unknown=0)


@pytest.mark.slow
def test_new_ones_beside_the_old_take_over(celery, dispatcher, ledger):
    plan(MESSAGES)
    old = [celery(), dispatcher()]
    for goal in (40, 120):
        wait_for(lambda goal=goal: len(ledger) >= goal)
        new = [celery(), dispatcher()]
        for process in old:
            process.send_signal(signal.SIGTERM)
        # Whoever was still starting had nothing in its hands, and ends by the signal.
        assert {process.wait(DRAINED) for process in old} <= {0, -signal.SIGTERM}
        old = new
    wait_for(is_all_settled)
    judge(ledger.read(), planned=MESSAGES, unknown=0)


@pytest.mark.slow
def test_a_child_that_the_kernel_kills_is_replaced(celery, valkey, ledger, lines):
    plan(MESSAGES)
    worker = celery()
    for goal in (30, 90, 150):
        wait_for(lambda goal=goal: len(ledger) >= goal)
        child = celery_parts.child_of(worker)
        child.kill()
        wait_for(lambda child=child: not child.is_running())
        # A dispatcher would, in its next turn.
        reap.reap(clock.now())
        celery_parts.ring(valkey.url)
    wait_for(is_all_settled)
    judge(ledger.read(), planned=MESSAGES, unknown=3 * lines)


# -- What a child knows of it ----------------------------------------------------------


@pytest.fixture
def stopped_at_seven(smtp, spool_folder):
    """The worker is asked to stop while its seventh message is on the wire."""

    def trick(stage, _address):
        if stage == "END" and len(smtp.mails) == 6:
            tasks.stop()

    smtp.tricks.append(trick)
    plan(60)
    yield smtp
    stopping.forget()
    workers.close_current()


def test_what_has_not_begun_is_left_to_others(stopped_at_seven):
    tasks.send()
    assert len(stopped_at_seven.mails) == 7
    assert open_states() == {"planned"}


def test_unheard_it_would_go_on_to_the_end(stopped_at_seven, monkeypatch):
    monkeypatch.setattr(stopping, "is_asked", lambda: False)
    tasks.send()
    assert len(stopped_at_seven.mails) == 60
