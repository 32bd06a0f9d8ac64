"""Limits, refusals and requests to wait, as senders meet them."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.sequences.brakes import grip, lanes, limits, sharing
from campaigns.sequences.brakes.grip import BRAKED
from campaigns.sequences.models import Delivery, Lane, SendingAct
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from campaigns.sequences.sending.transports import Result, Transport, Verdict
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_people,
    make_worker,
    start,
)
from tests.factories import UserFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db

LATER = MORNING + timedelta(minutes=10)


class Provider(Transport):
    """Answers what the test says, and keeps what it was given."""

    name = "brevo"

    def __init__(self, *answers):
        self.answers = list(answers)
        self.mails = []

    def open(self):
        return

    def send(self, letters, gate):
        for letter in letters:
            if gate.wants(letter) and gate.begin(letter):
                self.mails.append(letter.recipient)
                answer = self.answers.pop(0) if self.answers else ACCEPTED
                gate.end(letter, answer)


ACCEPTED = Result(Verdict.ACCEPTED)


@pytest.fixture
def senders(spool_folder):
    """Makes senders that share one provider; each has its own process elsewhere."""
    made = []

    def make(provider):
        worker = make_worker(spool_folder, provider, name=f"sender-{len(made)}")
        made.append(worker)
        return worker

    yield make
    for worker in made:
        worker.close()


def plan(number, **fields):
    people = make_people(number, **fields)
    start(make_campaign())
    advance(MORNING)
    return people


def limit(provider="brevo", domains=(), **values):
    lanes.make(provider)
    if domains:
        return Lane.objects.create(provider=provider, domains=list(domains), **values)
    fields = {"per_minute": None, **values}
    Lane.objects.filter(provider=provider, domains=[]).update(**fields)
    return Lane.objects.get(provider=provider, domains=[])


def states():
    return Counter(Delivery.objects.values_list("state", flat=True))


def test_senders_share_one_limit(senders):
    plan(30)
    limit(per_minute=60)
    provider = Provider()
    first, second = senders(provider), senders(provider)
    assert deliver(MORNING, worker=first).sent == 10
    assert deliver(MORNING, worker=second).claimed == 0
    soon = MORNING + timedelta(seconds=7)
    assert deliver(soon, worker=second).sent == 5
    assert states() == {"planned": 15, "sent": 15}


def test_a_daily_limit_ends_the_day_and_the_next_one_goes_on(senders):
    plan(9)
    limit(per_day=6)
    worker = senders(Provider())
    outcome = deliver(MORNING, worker=worker)
    assert outcome.sent == 6
    assert deliver(LATER, worker=worker).claimed == 0
    tomorrow = MORNING + timedelta(days=1)
    assert deliver(tomorrow, worker=worker).sent == 3


def test_a_full_domain_waits_for_its_turns_and_the_others_go(senders):
    people = plan(12)
    for buyer in people[:8]:
        buyer.email = buyer.email.replace("company", "gmail")
        buyer.keep_address()
        buyer.save()
    limit()
    limit(domains=["gmail.example"], per_minute=6)
    worker = senders(Provider())
    deliver(MORNING, worker=worker)
    deliver(MORNING, worker=worker)
    sent = [mail.partition("@")[2] for mail in worker.transport.mails]
    assert sorted(sent) == ["company.example"] * 4 + ["gmail.example"]
    waiting = Delivery.objects.filter(state="planned").order_by("due_at")
    assert {one.reason for one in waiting} == {"limited"}
    dues = [one.due_at for one in waiting]
    assert len(set(dues)) == 7
    gaps = {b - a for a, b in pairwise(dues)}
    assert gaps == {timedelta(seconds=10)}


def test_what_was_not_sent_after_all_gives_its_place_back(senders):
    people = plan(6)
    lane = limit(per_day=4)
    for buyer in people[:3]:
        type(buyer).objects.filter(pk=buyer.pk).update(active=False)
    worker = senders(Provider())
    deliver(MORNING, worker=worker)
    lane.refresh_from_db()
    assert lane.taken == len(worker.transport.mails)
    deliver(MORNING, worker=worker)
    assert states() == {"sent": 3, "skipped": 3}


def test_without_limits_a_chunk_costs_no_statement_more(senders):
    plan(8)
    limit()
    worker = senders(Provider())
    held = grip.take("brevo", worker=worker.name)
    with CaptureQueriesContext(connection) as asked:
        held.admit([], MORNING)
    assert len(asked) == 0


def test_a_limited_chunk_costs_two_statements_whatever_its_size():
    limit(per_minute=6_000)
    for size in (1, 60):
        addresses = {n: f"a{n}@company.example" for n in range(size)}
        with CaptureQueriesContext(connection) as asked:
            sharing.share("brevo", addresses, MORNING)
        work = [q for q in asked if "SAVEPOINT" not in q["sql"]]
        assert len(work) == 2


# -- What the provider says --------------------------------------------------------


TOO_MANY = Result(Verdict.LATER, "429", retry_after=timedelta(minutes=5))


def test_a_request_to_wait_is_obeyed_at_once_and_by_everybody(senders):
    plan(20)
    limit()
    provider = Provider(ACCEPTED, TOO_MANY)
    first, second = senders(provider), senders(provider)
    outcome = deliver(MORNING, worker=first)
    assert (outcome.sent, len(provider.mails)) == (1, 2)
    assert deliver(MORNING, worker=second).trouble == BRAKED
    early = MORNING + timedelta(minutes=4)
    assert deliver(early, worker=second).trouble == BRAKED
    assert len(provider.mails) == 2
    deliver(LATER, worker=second)
    deliver(LATER, worker=first)
    assert states() == {"sent": 20}


def test_to_be_told_to_wait_costs_nobody_a_try(senders):
    plan(1)
    limit()
    worker = senders(Provider(*[TOO_MANY] * 8))
    at = MORNING
    for _n in range(8):
        deliver(at, worker=worker)
        at += timedelta(minutes=6)
    assert Delivery.objects.get().attempts == 0
    deliver(at, worker=worker)
    assert states() == {"sent": 1}


def test_a_shorter_wait_does_not_end_a_longer_one():
    lane = limit()
    lanes.wait("brevo", LATER)
    lanes.wait("brevo", MORNING)
    lane.refresh_from_db()
    assert lane.not_before == LATER


def test_a_person_stops_and_resumes_a_provider_and_both_are_on_record(senders):
    plan(2)
    limit()
    worker, anna = senders(Provider()), UserFactory()
    assert lanes.stop("brevo", "maintenance", MORNING, by=anna)
    assert not lanes.stop("brevo", "again", MORNING, by=anna)
    assert deliver(MORNING, worker=worker).trouble == BRAKED
    assert lanes.resume("brevo", anna, LATER)
    assert not lanes.resume("brevo", anna, LATER)
    assert deliver(LATER, worker=worker).sent == 2
    acts = SendingAct.objects.order_by("pk").values_list("act", "by", "reason")
    assert list(acts) == [
        ("stopped", anna.pk, "maintenance"),
        ("resumed", anna.pk, ""),
    ]


def test_a_stop_is_seen_within_the_batch(senders):
    plan(3)
    limit()
    clock = iter(range(100))
    held = grip.Grip("brevo", "sender", lanes.of("brevo"), clock=lambda: next(clock))
    lanes.stop("brevo", "enough", MORNING)
    assert held.is_closed(MORNING)


def test_another_provider_is_not_concerned(senders):
    plan(1)
    lanes.stop("smtp", "credentials_refused", MORNING)
    worker = senders(Provider())
    assert deliver(MORNING, worker=worker).sent == 1


# -- Races -------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_senders_at_once_never_take_more_than_there_is():
    limit(per_day=50)
    addresses = {n: f"a{n}@company.example" for n in range(20)}
    found = at_once(lambda: len(sharing.share("brevo", addresses, MORNING).places), 8)
    assert sum(found) == 50


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would():
    """The negative control: read, think, write."""
    lane, together = limit(per_day=50), Barrier(8)

    def share():
        row = Lane.objects.get(pk=lane.pk)
        level = lanes.level_of(row, MORNING)
        together.wait(timeout=30)
        granted, level = limits.take(lanes.limits_of(row), level, 20)
        lanes.keep(row, level)
        lanes.save([row])
        return granted

    assert sum(at_once(share, 8)) > 50
