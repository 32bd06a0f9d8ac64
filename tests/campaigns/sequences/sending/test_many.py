"""More of everything than there should be: dispatchers, workers, bells.

They meet in the rows. That each lock among them is needed is shown where it stands:
`test_advance`, `test_deliver`, `test_reap` and `planning.test_lifecycle` take it away.
"""

import pytest

from campaigns.sequences.models import Enrolment, Heartbeat
from onboarding.bundled import processes
from tests.support import celery_parts

from .judging import is_all_settled, judge, plan, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MESSAGES = 400


@pytest.fixture
def senders_environment(senders_environment, valkey):
    return {**senders_environment, "REDIS_URL": valkey.url}


@pytest.fixture
def parts(senders_environment):
    """Two bells, and a worker that hears both."""
    started = [
        celery_parts.start(senders_environment, "beat", "--pidfile="),
        celery_parts.start(senders_environment, "beat", "--pidfile="),
        celery_parts.start_worker(senders_environment),
    ]
    yield started
    for process in started:
        processes.stop(process)


def test_two_bells_and_five_dispatchers_write_to_everybody_once(
    parts, senders, ledger, valkey
):
    for _ in range(5):
        senders("dispatcher")
    for part, number in (("beat", 1), ("worker", 1), ("dispatcher", 5)):
        seen = Heartbeat.objects.filter(part=part)
        wait_for(lambda seen=seen, number=number: seen.count() == number)
    plan(MESSAGES)
    for _ in range(2):
        celery_parts.ring(valkey.url)
    wait_for(is_all_settled)
    judge(ledger.read(), planned=MESSAGES, unknown=0)
    assert len(ledger) == MESSAGES
    assert Enrolment.objects.count() == MESSAGES
    assert [part.poll() for part in parts] == [None, None, None]
