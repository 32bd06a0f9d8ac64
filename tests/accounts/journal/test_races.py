"""Many at once: each race with the fault that shows when its guard is off."""

from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from threading import Event as Signal

import pytest
from django.db import connection, connections

from accounts.journal import inbox, locks, progress, proofs, react, rebuild
from accounts.journal.models import (
    AccountProgress,
    BuyerProgress,
    Event,
    EventConflict,
    EventInbox,
    EventKey,
)
from accounts.journal.record import record_many
from tests.factories import AccountFactory, BuyerFactory

from .conftest import NOON, event, order

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quiet(rings):
    """Nobody need hear the bell here."""


def at_once(deed, arguments):
    """Run `deed` in threads that start together; what each came to."""
    start = Barrier(len(arguments))

    def run(argument):
        try:
            start.wait(timeout=30)
            return deed(argument)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(run, arguments))


def shuffled(events, times):
    chance = Random(20)
    return [chance.sample(events, len(events)) for _ in range(times)]


@pytest.fixture
def accounts():
    return [AccountFactory() for _ in range(5)]


def test_the_same_batch_twenty_times_at_once_is_recorded_once(accounts):
    events = [event(accounts[n % 5]) for n in range(500)]
    events += [order(accounts[n % 5], document=f"D{n}") for n in range(500)]

    recorded = at_once(record_many, shuffled(events, 20))

    assert sum(one.new for one in recorded) == 1000
    assert sum(one.repeated for one in recorded) == 19_000
    assert not EventConflict.objects.exists()
    assert Event.objects.count() == EventInbox.objects.count() == 1000
    assert EventKey.objects.count() == 1500


def test_one_document_from_twenty_sources_at_once_counts_once(accounts):
    batches = [
        [order(accounts[0], document="D1", source=f"source-{n}")] for n in range(20)
    ]

    recorded = at_once(record_many, batches)

    assert sum(one.new for one in recorded) == 1
    event_id = Event.objects.get().pk
    assert {outcome.event_id for one in recorded for outcome in one.outcomes} == {
        event_id
    }
    assert set(EventKey.objects.values_list("event_id", flat=True)) == {event_id}


@pytest.fixture
def unguarded_keys(transactional_db):
    """Nothing in the database forbids the same key twice."""
    execute("ALTER TABLE journal_eventkey DROP CONSTRAINT journal_eventkey_pkey")
    yield
    execute("TRUNCATE journal_eventkey")
    execute("ALTER TABLE journal_eventkey ADD PRIMARY KEY (source, key)")


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_without_the_keys_it_is_recorded_each_time(accounts, unguarded_keys):
    """The negative control."""
    told = event(accounts[0])

    at_once(record_many, [[told] for _ in range(5)])

    assert Event.objects.count() == 5


def react_until_empty(_):
    handled = 0
    while EventInbox.objects.exists():
        handled += react.react(NOON, limit=200)
    return handled


def fill(accounts):
    buyers = [BuyerFactory(account=account) for account in accounts for _ in range(2)]
    record_many(
        order(buyer.account, buyer, days=n % 40) for n in range(200) for buyer in buyers
    )
    return buyers


def test_four_reactors_count_everything_once(accounts):
    buyers = fill(accounts)

    handled = at_once(react_until_empty, range(4))

    assert sum(handled) == 2000
    assert [row.online_count for row in BuyerProgress.objects.all()] == [200] * len(
        buyers
    )
    assert [row.online_count for row in AccountProgress.objects.all()] == [400] * 5


def test_without_the_lock_some_are_lost(accounts, monkeypatch):
    """The negative control: two reactors at the same account overwrite each other."""
    fill(accounts)
    meeting = Barrier(2)

    def take_unlocked():
        return [locks.shard_of(account.pk) for account in accounts]

    def merge_late(whose, batch, merge=progress._merge):
        if whose is progress.ACCOUNT:
            meeting.wait(timeout=30)
        merge(whose, batch)

    def take_half(shards, limit):
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM journal_eventinbox WHERE (shard, event_id) IN ("
                "  SELECT shard, event_id FROM journal_eventinbox"
                "  ORDER BY event_id LIMIT 1000 FOR UPDATE SKIP LOCKED)"
                " RETURNING event_id, recorded_at"
            )
            taken = cursor.fetchall()
        times = [at for _, at in taken]
        return inbox.read([number for number, _ in taken], min(times), max(times))

    monkeypatch.setattr(locks, "take_busy", take_unlocked)
    monkeypatch.setattr(inbox, "take", take_half)
    monkeypatch.setattr(progress, "_merge", merge_late)

    at_once(lambda _: react.react(NOON), range(2))

    assert not EventInbox.objects.exists()
    assert sum(row.online_count for row in AccountProgress.objects.all()) < 2000


def test_recording_goes_on_while_others_react(accounts):
    batches = [[event(accounts[n % 5]) for n in range(300)] for _ in range(4)]
    done = []

    def work(batch):
        if batch is None:
            while len(done) < 4 or EventInbox.objects.exists():
                react.react(NOON)
        else:
            try:
                record_many(batch)
            finally:
                done.append(True)

    at_once(work, [*batches, None, None])

    assert sum(row.logged_in_count for row in AccountProgress.objects.all()) == 1200


def keep_busy(accounts, done):
    """Record, react and rebuild at once; afterwards nothing waits."""

    def work(role):
        if role == "record":
            try:
                for _ in range(15):
                    record_many([order(one, days=n) for n, one in enumerate(accounts)])
            finally:
                done.append(True)
        while not (len(done) >= 2 and not EventInbox.objects.exists()):
            if role == "rebuild":
                rebuild.rebuild()
            else:
                react.react(NOON, limit=30)

    at_once(work, ["record", "record", "react", "rebuild"])


def test_a_rebuild_among_reactors_comes_to_the_same(accounts):
    keep_busy(accounts, [])

    assert sum(row.online_count for row in AccountProgress.objects.all()) == 150
    assert proofs._sums_are_right(NOON).count == 0


def test_without_its_locks_a_rebuild_undoes_what_reactors_do(accounts, monkeypatch):
    """The negative control: a batch commits between the reading and the writing."""
    fill(accounts)
    monkeypatch.setattr(locks, "wait_for", lambda shards: None)
    read, reacted = Signal(), Signal()

    def rebuild_slowly(_):
        rebuild.rebuild()

    def gather_and_wait(statement, execute=rebuild._execute):
        execute(statement)
        if "journal_facts ON COMMIT" in statement:
            read.set()
            assert reacted.wait(timeout=30)

    def react_meanwhile(_):
        assert read.wait(timeout=30)
        react.react_to_all(NOON)
        reacted.set()

    monkeypatch.setattr(rebuild, "_execute", gather_and_wait)
    at_once(lambda deed: deed(None), [rebuild_slowly, react_meanwhile])

    assert not EventInbox.objects.exists()
    assert proofs._sums_are_right(NOON).count > 0
