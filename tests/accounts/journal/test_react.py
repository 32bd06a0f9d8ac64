"""Reacting: each event once, together with what follows from it."""

from datetime import timedelta

import pytest
from django.db import OperationalError, transaction

from accounts.journal import channels, kinds, locks, poison, react, reactions
from accounts.journal.models import (
    AccountProgress,
    BuyerProgress,
    ChannelMonth,
    EventInbox,
    EventPoison,
    KindProgress,
)
from accounts.journal.record import record, record_many
from tests.factories import AccountFactory, BuyerFactory

from .conftest import NOON, event, order


@pytest.fixture
def registry(monkeypatch):
    """Reactions that go again with the test."""
    here = dict(reactions.registered())
    monkeypatch.setattr(reactions, "_registered", here)
    return here


def catch_up():
    return react.react_to_all(NOON)


def test_progress_of_a_buyer_and_her_account(account, buyer):
    colleague = BuyerFactory(account=account)
    record_many(
        [
            event(account, buyer, kinds.INVITED),
            event(account, buyer, kinds.REGISTERED, occurred_at=NOON),
            event(account, buyer),
            event(account, colleague, occurred_at=NOON + timedelta(hours=2)),
            order(account, buyer, days=1),
            order(account, None, days=2),
            order(account, colleague, days=3, placed_by="on_behalf"),
            order(account, colleague, days=4, channel="phone"),
        ]
    )

    assert catch_up() == 8

    hers = BuyerProgress.objects.get(buyer=buyer)
    assert hers.account == account
    assert hers.invited_at == hers.registered_at == NOON
    assert (hers.logged_in_count, hers.online_count, hers.offline_count) == (1, 1, 0)
    theirs = AccountProgress.objects.get(account=account)
    assert (theirs.logged_in_first, theirs.logged_in_last) == (
        NOON,
        NOON + timedelta(hours=2),
    )
    assert (theirs.online_count, theirs.offline_count) == (2, 2)
    assert theirs.online_recent == [NOON + timedelta(days=2), NOON + timedelta(days=1)]
    assert theirs.offline_last == NOON + timedelta(days=4)
    assert BuyerProgress.objects.get(buyer=colleague).online_first is None


def test_kinds_without_columns_have_rows(account, buyer, monkeypatch):
    monkeypatch.setitem(kinds._known, "waved", kinds.Kind("waved", "Waved"))
    record_many(
        [
            event(account, buyer, "waved"),
            event(account, buyer, "waved", occurred_at=NOON + timedelta(days=1)),
            event(account, None, "waved", occurred_at=NOON - timedelta(days=1)),
        ]
    )

    catch_up()

    rows = KindProgress.objects.order_by("buyer_id")
    assert [(row.buyer_id, row.count) for row in rows] == [(0, 3), (buyer.pk, 2)]
    assert rows[0].first_at == NOON - timedelta(days=1)
    assert not AccountProgress.objects.exists()


def test_documents_by_month_and_channel(account, buyer):
    new_year_in_madrid = (NOON.replace(month=1, day=31, hour=23, minute=30) - NOON).days
    assert new_year_in_madrid == -30
    record_many(
        [
            order(account, buyer, amount="10.50"),
            order(account, buyer, amount=2),
            order(account, buyer, placed_by="on_behalf"),
            order(account, None, channel="phone", currency="GBP"),
            event(account, None, kinds.CREDIT_NOTE, data={"amount": "4.25"}),
            event(
                account,
                None,
                kinds.ORDERED,
                occurred_at=NOON.replace(month=1, day=31, hour=23, minute=30),
                data={"channel": "fax", "amount": "1", "currency": "EUR"},
            ),
        ]
    )

    catch_up()

    rows = {
        (str(row.month), row.channel, row.currency): row
        for row in ChannelMonth.objects.all()
    }
    assert set(rows) == {
        ("2026-03-01", "online", "EUR"),
        ("2026-03-01", channels.ON_BEHALF, "EUR"),
        ("2026-03-01", "phone", "GBP"),
        ("2026-03-01", "", ""),
        ("2026-02-01", "fax", "EUR"),
    }
    online = rows["2026-03-01", "online", "EUR"]
    assert (online.orders, str(online.amount)) == (2, "12.5000")
    note = rows["2026-03-01", "", ""]
    assert (note.credits, str(note.credited), note.orders) == (1, "4.2500", 0)


def test_a_correction_counts_for_the_buyer_alone(account, buyer):
    unnamed = record(order(account, None, document="D1"))
    told = order(account, buyer, document="D1")
    corrected = record(
        event(
            account,
            buyer,
            kinds.ORDERED,
            data=told.data,
            corrects=unnamed.event_id,
        )
    )

    catch_up()

    assert corrected.state == "recorded"
    assert BuyerProgress.objects.get(buyer=buyer).online_count == 1
    assert AccountProgress.objects.get(account=account).online_count == 1
    assert ChannelMonth.objects.get().orders == 1


def test_repeats_are_reacted_to_once(account, buyer):
    told = order(account, buyer)
    record(told)
    catch_up()
    record(told)

    assert catch_up() == 0
    assert BuyerProgress.objects.get(buyer=buyer).online_count == 1


def test_a_reaction_gets_its_kinds_in_one_call(account, buyer, registry):
    got = []
    reactions.register(
        "test", [kinds.ORDERED], lambda facts, at: got.append((facts, at))
    )
    outcome = record(order(account, buyer, document="D1"))
    record(event(account, buyer))

    catch_up()

    [([fact], at)] = got
    assert at == NOON
    assert (fact.event_id, fact.kind, fact.account_id) == (
        outcome.event_id,
        kinds.ORDERED,
        account.pk,
    )
    assert (fact.buyer_id, fact.occurred_at) == (buyer.pk, NOON)
    assert fact.data["document"] == "D1"


def test_no_two_reactions_share_a_name(registry):
    with pytest.raises(ValueError, match="progress"):
        reactions.register("progress", None, print)


def test_a_culprit_is_set_aside_and_nobody_else(account, registry):
    accounts = [AccountFactory() for _ in range(9)]
    culprits = {accounts[2].pk, accounts[7].pk}
    done = []

    def stumble(facts, at):
        if culprits & {fact.account_id for fact in facts}:
            raise ValueError("two left feet")
        done.extend(fact.account_id for fact in facts)

    reactions.register("dance", None, stumble)
    record_many(event(one) for one in accounts)

    assert catch_up() == 9

    aside = EventPoison.objects.order_by("account_id")
    assert [row.account_id for row in aside] == sorted(culprits)
    assert aside[0].error == "ValueError: two left feet"
    assert sorted(done) == sorted({one.pk for one in accounts} - culprits)
    # The other reactions had them all.
    assert AccountProgress.objects.count() == 9
    assert not EventInbox.objects.exists()


def test_what_a_failed_reaction_wrote_is_taken_back(account, registry):
    def write_and_fail(facts, at):
        AccountFactory(number="half-done")
        raise ValueError

    reactions.register("careless", None, write_and_fail)
    record(event(account))

    catch_up()

    assert not type(account).objects.filter(number="half-done").exists()
    assert EventPoison.objects.get().reaction == "careless"


def test_nonsense_in_the_data_is_set_aside_by_progress(account):
    good, bad = order(account), order(account, amount="a lot")
    record_many([good, bad])

    catch_up()

    aside = EventPoison.objects.get()
    assert aside.reaction == "progress"
    assert ChannelMonth.objects.get().orders == 1
    assert AccountProgress.objects.get().online_count == 1


def test_a_person_retries_what_was_set_aside(account, registry):
    sober = []

    def stumble(facts, at):
        if not sober:
            raise ValueError("not yet")
        sober.extend(facts)

    reactions.register("dance", None, stumble)
    outcome = record(event(account))
    catch_up()
    aside = EventPoison.objects.get()

    assert poison.retry([aside.pk], NOON) == 0
    sober.append("yes")
    assert poison.retry([aside.pk], NOON) == 1

    aside.refresh_from_db()
    assert (aside.settled_at, aside.retried_at, aside.error) == (NOON, NOON, "")
    assert sober[1].event_id == outcome.event_id
    # Settled is settled.
    assert poison.retry([aside.pk], NOON) == 0
    assert len(sober) == 2


def test_a_reaction_that_is_gone_says_so(account, registry):
    def fail(facts, at):
        raise ValueError

    reactions.register("gone", None, fail)
    record(event(account))
    catch_up()
    del registry["gone"]

    assert poison.retry([EventPoison.objects.get().pk], NOON) == 0
    assert "gone" in EventPoison.objects.get().error


@pytest.mark.django_db(transaction=True)
def test_the_databases_own_troubles_are_not_the_events_fault(account, registry):
    def deadlock(facts, at):
        raise OperationalError("deadlock detected")

    reactions.register("unlucky", None, deadlock)
    record(event(account))

    with pytest.raises(OperationalError):
        catch_up()

    assert EventInbox.objects.count() == 1
    assert not EventPoison.objects.exists()
    assert not AccountProgress.objects.exists()


def test_a_batch_has_its_limit(db):
    accounts = [AccountFactory() for _ in range(3)]
    record_many(event(one) for one in accounts for _ in range(20))

    assert react.react(NOON, limit=6) == 6
    assert EventInbox.objects.count() == 54


def test_how_many_statements_a_batch_takes(
    account, buyer, registry, django_assert_num_queries
):
    for name in set(registry) - {"progress"}:
        del registry[name]
    record_many(order(account, buyer, days=day) for day in range(12))

    # Savepoint, lock, take, read, savepoint, account, buyer, months, two releases.
    with django_assert_num_queries(10):
        assert react.react(NOON) == 12


def test_nothing_waiting_costs_one_look(db, django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(3):
        assert react.react(NOON) == 0


def test_a_shard_is_an_account(account):
    assert locks.shard_of(account.pk) == account.pk % 64
