"""A provider hangs, refuses, loses its answers, or we die while it is asked."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from campaigns.sequences.models import Delivery
from campaigns.sequences.sending import feedback, transports
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from campaigns.sequences.sending.feedback import Heard, Report
from onboarding import mail
from onboarding.env import Reader
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_people,
    make_worker,
    start,
)
from tests.support import ledgers
from tests.support import senders as processes
from tests.support.providers import Provider, Reply, running
from tests.support.senders import kill

from .judging import is_all_settled, judge, plan, wait_for

PEOPLE = 60


@pytest.fixture
def postmark(settings):
    """One without keys against doubles."""
    with running(Provider("postmark")) as provider:
        for name, value in mail.read_settings(Reader(provider.settings())).items():
            setattr(settings, name, value)
        yield provider


@pytest.fixture
def worker(postmark, spool_folder):
    worker = make_worker(spool_folder, transports.make())
    yield worker
    worker.close()


def send_all(worker):
    make_people(PEOPLE)
    start(make_campaign())
    advance(MORNING)
    outcome = deliver(MORNING, worker=worker)
    while outcome.claimed and not outcome.trouble:
        outcome = deliver(MORNING, worker=worker)
    return outcome


def states():
    return Counter(Delivery.objects.values_list("state", flat=True))


def always(reply):
    return lambda message: replace(reply)


@pytest.mark.django_db
def test_refused_credentials_stop_everything_after_a_few_calls(postmark, worker):
    postmark.tricks.append(lambda message: postmark.stranger())
    outcome = send_all(worker)
    assert "credentials" in outcome.trouble
    assert states() == {"planned": PEOPLE}
    assert postmark.asked <= mail.IN_FLIGHT
    again = postmark.asked
    deliver(MORNING + timedelta(minutes=5), worker=worker)
    assert postmark.asked == again


@pytest.mark.django_db
def test_too_many_puts_it_off_for_as_long_as_asked(postmark, worker):
    postmark.tricks.append(always(Reply(429, "{}", {"Retry-After": "600"})))
    send_all(worker)
    assert states() == {"planned": PEOPLE}
    put_off = Delivery.objects.filter(reason="later")
    assert 0 < put_off.count() <= mail.IN_FLIGHT
    assert all(one.due_at >= MORNING + timedelta(seconds=600) for one in put_off)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "reply", [Reply(503, take=True), Reply(take=True, manner="reset")]
)
def test_an_outage_leaves_few_unknown_and_the_rest_in_the_queue(
    reply, postmark, worker
):
    postmark.tricks.append(always(reply))
    send_all(worker)
    assert states()["unknown"] <= mail.IN_FLIGHT
    assert states()["unknown"] + states()["planned"] == PEOPLE
    assert set(postmark.deliveries().values()) == {1}


@pytest.mark.django_db
def test_what_is_unknown_settles_when_evidence_arrives(postmark, worker):
    asked = []

    def lose_one_in_twenty(message):
        asked.append(message)
        return None if len(asked) % 20 else Reply(take=True, manner="reset")

    postmark.tricks.append(lose_one_in_twenty)
    send_all(worker)
    assert states() == {"sent": PEOPLE - 3, "unknown": 3}
    assert set(postmark.deliveries().values()) == {1}
    reports = [
        Report(UUID(one.delivery), one.recipient, Heard.DELIVERED, MORNING)
        for one in postmark.taken
    ]
    stranger = replace(reports[0], recipient="eve@evil.example")
    feedback.take_in([stranger], MORNING)
    for _repeat in range(2):
        feedback.take_in(reports, MORNING)
    assert states() == {"sent": PEOPLE}


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_kills_leave_at_most_the_calls_under_way_unknown(process_environment, tmp_path):
    with ledgers.kept(
        tmp_path / "taken", "tests.support.providers", "postmark"
    ) as taken:
        environment = {
            **process_environment,
            **Provider("postmark", port=taken.port).settings(),
            "LOG_LEVEL": "ERROR",
        }
        plan(300)
        with processes.running(environment) as senders:
            running = senders("dispatcher")
            for number in range(1, 4):
                wait_for(lambda number=number: len(taken) >= number * 60)
                kill(running)
                running = senders("dispatcher")
            wait_for(is_all_settled)
        judge(taken.read(), planned=300, unknown=3 * mail.IN_FLIGHT)
