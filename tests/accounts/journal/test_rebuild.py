"""Any order, any batches, with repeats: the tables are those of a rebuild."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.journal import kinds, projection, proofs, react, rebuild, retract
from accounts.journal.models import (
    AccountProgress,
    BuyerProgress,
    Event,
    EventKey,
    EventPoison,
    KindProgress,
)
from accounts.journal.record import record_many
from tests.factories import AccountFactory, BuyerFactory

from .conftest import NOON, event, order

OTHER = "waved"
WINDOW = timedelta(days=90)


def tables():
    """Every row of the four tables."""
    found = {}
    with connection.cursor() as cursor:
        for table in projection.ALL:
            cursor.execute(f"SELECT {table.names} FROM {table.table}")
            found[table.table] = Counter(
                tuple(tuple(v) if isinstance(v, list) else v for v in row)
                for row in cursor.fetchall()
            )
    return found


def by_definition(times, wanted):
    """When so many orders first lay within the window: the sentence, spelt out."""
    times = sorted(times)
    ends = [
        end
        for end in times
        if sum(end - WINDOW <= time <= end for time in times) >= wanted
    ]
    return min(ends, default=None)


facts = st.lists(
    st.tuples(
        st.integers(0, 3),  # whose: two buyers, the account alone, another account
        st.sampled_from(
            [kinds.INVITED, kinds.REGISTERED, kinds.LOGGED_IN, kinds.CREDIT_NOTE]
            + [OTHER] * 3
            + [kinds.ORDERED] * 8
        ),
        st.integers(-400, 400),  # on which day
        st.sampled_from(["online", "online", "online", "phone", None]),
        st.sampled_from(["customer", "customer", None, "on_behalf"]),
    ),
    max_size=60,
)


class AnyOrder(TestCase):
    @pytest.fixture(autouse=True)
    def registered(self, monkeypatch):
        monkeypatch.setitem(kinds._known, OTHER, kinds.Kind(OTHER, "Waved"))

    @settings(max_examples=60, deadline=None)
    @given(facts, st.integers(1, 7), st.randoms(use_true_random=False), st.data())
    def test_any_order_and_any_batches_come_to_the_same(self, rows, size, chance, data):
        wanted = data.draw(st.integers(1, 5))
        with self.settings(ADOPTION_REGULAR_ORDERS=wanted):
            self.tell(rows, size, chance)
            reacted = tables()

            assert proofs._sums_are_right(NOON).count == 0
            changed = rebuild.rebuild()

            assert tables() == reacted
            assert not any(one.written or one.removed for one in changed.values())
            self.compare_with_definition(rows, wanted)

    def tell(self, rows, size, chance):
        account, other = AccountFactory(), AccountFactory()
        self.ana, self.ben = [BuyerFactory(account=account) for _ in range(2)]
        whose = [(account, self.ana), (account, self.ben), (account, None)]
        whose.append((other, None))
        events = [
            event(
                *whose[who],
                kind,
                occurred_at=NOON + timedelta(days=day),
                data={
                    name: value
                    for name, value in (
                        ("channel", channel),
                        ("placed_by", placed_by),
                        ("amount", "1.25"),
                    )
                    if value
                },
            )
            for who, kind, day, channel, placed_by in rows
        ]
        repeated = events + chance.sample(events, len(events) // 3)
        chance.shuffle(repeated)
        for start in range(0, len(repeated), size):
            record_many(repeated[start : start + size])
            self.take_some_back(chance)
            if chance.random() < 0.7:
                react.react_to_all(NOON, limit=chance.choice([1, 5, 2000]))
        react.react_to_all(NOON)

    def take_some_back(self, chance):
        """Before or after anything has reacted to them; some are told once more."""
        told = list(EventKey.objects.filter(event_id__in=ids_of(OTHER)).order_by("key"))
        for own in chance.sample(told, min(len(told), chance.choice([0, 0, 1, 3]))):
            retract.retract(own.source, own.key, NOON)

    def compare_with_definition(self, rows, wanted):
        for number, buyer in enumerate([self.ana, self.ben]):
            times = [
                NOON + timedelta(days=day)
                for who, kind, day, channel, placed_by in rows
                if (who, kind, channel) == (number, kinds.ORDERED, "online")
                and placed_by != "on_behalf"
            ]
            row = BuyerProgress.objects.filter(buyer=buyer).first()
            assert (row.online_count if row else 0) == len(times)
            since = row.regular_since if row else None
            assert since == by_definition(times, wanted)
        self.compare_others_with_definition()

    def compare_others_with_definition(self):
        gone = set(Event.objects.filter(kind="retracted").values_list("key", flat=True))
        rows = Event.objects.filter(kind=OTHER).values_list("pk", "account_id")
        left = Counter(account for pk, account in rows if str(pk) not in gone)
        counted = KindProgress.objects.filter(kind=OTHER, buyer_id=0)
        assert dict(counted.values_list("account_id", "count")) == dict(left)


def ids_of(kind):
    return Event.objects.filter(kind=kind).values_list("pk", flat=True)


@pytest.fixture
def history(account, buyer):
    record_many(order(account, buyer, days=day) for day in range(5))
    react.react_to_all(NOON)


def test_a_late_order_may_make_somebody_regular_long_ago(account, buyer):
    """More orders than the row keeps, far apart, and one that closes a gap."""
    far_apart = [order(account, buyer, days=60 * n) for n in range(20)]
    record_many(far_apart)
    react.react_to_all(NOON)
    assert BuyerProgress.objects.get().regular_since is None

    record_many([order(account, buyer, days=65)])
    react.react_to_all(NOON)

    row = BuyerProgress.objects.get()
    assert row.regular_since == NOON + timedelta(days=65)
    assert proofs._sums_are_right(NOON).count == 0


def test_what_drifted_is_put_right(history):
    before = tables()
    BuyerProgress.objects.update(online_count=99)
    BuyerProgress.objects.create(buyer=BuyerFactory(), account=AccountFactory())
    AccountProgress.objects.all().delete()

    changed = rebuild.rebuild()

    assert tables() == before
    assert (
        changed["journal_buyerprogress"].written,
        changed["journal_buyerprogress"].removed,
        changed["journal_accountprogress"].written,
    ) == (1, 1, 1)


def test_what_waits_is_left_to_the_reactions(history, account, buyer):
    record_many([order(account, buyer, days=9)])

    rebuild.rebuild()
    assert BuyerProgress.objects.get().online_count == 5
    react.react_to_all(NOON)

    assert BuyerProgress.objects.get().online_count == 6


def test_what_progress_could_not_digest_is_left_out(history, account, buyer):
    record_many([order(account, buyer, days=9, amount="a lot")])
    react.react_to_all(NOON)
    assert EventPoison.objects.exists()

    changed = rebuild.rebuild()

    assert not any(one.written for one in changed.values())


def test_another_meaning_of_regular_takes_hold_with_a_rebuild(history, settings):
    settings.ADOPTION_REGULAR_ORDERS = 5
    settings.ADOPTION_REGULAR_DAYS = 4

    rebuild.rebuild()

    row = BuyerProgress.objects.get()
    assert row.regular_since == NOON + timedelta(days=4)
    assert row.regular_until == NOON + timedelta(days=4)


def test_the_command_says_what_it_did(history, capsys):
    AccountProgress.objects.update(online_count=0)

    call_command("rebuild_progress")

    assert "journal_accountprogress: 1 rows, 1 written, 0 removed" in (
        capsys.readouterr().out
    )


def test_a_history_of_years_in_random_order(db):
    """Larger than hypothesis likes, once."""
    chance = Random(11)
    buyers = [BuyerFactory() for _ in range(8)]
    events = [
        order(buyer.account, buyer, days=chance.randrange(1500))
        for buyer in buyers
        for _ in range(chance.randrange(5, 60))
    ]
    chance.shuffle(events)
    for start in range(0, len(events), 23):
        record_many(events[start : start + 23])
        react.react_to_all(NOON)
    reacted = tables()

    rebuild.rebuild()

    assert tables() == reacted
