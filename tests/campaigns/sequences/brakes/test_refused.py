"""A provider that refuses us altogether: how many messages try it before all stop."""

import pytest

from campaigns.sequences.brakes import lanes
from campaigns.sequences.models import Attempt, Delivery, Lane, SendingAct
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from campaigns.sequences.sending.transports import (
    CredentialsRefused,
    Result,
    Transport,
    Verdict,
)
from campaigns.sequences.sending.workers import LARGEST_CHUNK
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_people,
    make_worker,
    start,
)
from tests.factories import UserFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


class Refusing(Transport):
    """Answers 401 to the first letter of each call, as a wrong key does."""

    name = "brevo"
    tried = 0

    def open(self):
        return

    def send(self, letters, gate):
        for letter in letters:
            if gate.wants(letter) and gate.begin(letter):
                type(self).tried += 1
                gate.end(letter, Result(Verdict.WITHHELD, "401", "unknown key"))
                raise CredentialsRefused("unknown key")


@pytest.fixture
def workers(spool_folder):
    Refusing.tried = 0
    made = [make_worker(spool_folder, Refusing(), name=f"w{n}") for n in range(4)]
    yield made
    for worker in made:
        worker.close()


def plan(number):
    make_people(number)
    start(make_campaign())
    advance(MORNING)
    lanes.make("brevo")
    Lane.objects.update(per_minute=None)


def deliver_all(workers, rounds=3):
    """Each worker as often as its loop would; all at once."""
    waiting = list(workers)

    def work():
        worker = waiting.pop()
        for _n in range(rounds):
            deliver(MORNING, worker=worker)

    at_once(work, len(workers))


def test_of_each_worker_at_most_one_chunk_is_affected(workers):
    plan(300)
    deliver_all(workers)
    # Nothing was lost, and each worker tried one letter of one chunk at most.
    assert Refusing.tried <= len(workers)
    assert Attempt.objects.count() <= len(workers) * LARGEST_CHUNK
    assert set(Delivery.objects.values_list("state", flat=True)) == {"planned"}
    lane = Lane.objects.get()
    assert lane.stopped_because == "credentials_refused"
    assert lane.stopped_detail == "unknown key"
    # However many noticed it, it is stopped once, and by nobody's hand.
    act = SendingAct.objects.get()
    assert (act.act, act.by) == ("stopped", None)


def test_negative_control_without_the_stop_each_tries_again(workers, monkeypatch):
    plan(20)
    deliver_all(workers[:1])
    assert Refusing.tried == 1
    Lane.objects.update(stopped_at=None, stopped_because="")
    monkeypatch.setattr(lanes, "stop", lambda *_any, **_more: True)
    deliver_all(workers[:1])
    assert Refusing.tried == 1 + 3


def test_a_named_person_lets_it_go_on_and_nobody_is_forgotten(workers):
    plan(3)
    deliver(MORNING, worker=workers[0])
    anna = UserFactory()
    lanes.resume("brevo", anna, MORNING)
    workers[1].transport.send = lambda letters, gate: [
        gate.end(letter, Result(Verdict.ACCEPTED))
        for letter in letters
        if gate.begin(letter)
    ]
    assert deliver(MORNING, worker=workers[1]).sent == 3
    assert SendingAct.objects.latest("pk").by == anna
