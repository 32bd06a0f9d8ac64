"""Recording: once each, however often and by whomever it is told."""

from dataclasses import replace

import pytest
from django.db import connection, transaction

from accounts.journal import kinds
from accounts.journal.models import Event, EventConflict, EventInbox, EventKey
from accounts.journal.record import State, record, record_many
from tests.factories import AccountFactory
from tests.support import work

from .conftest import NOON, event, order


def record_and_take_back(told):
    with transaction.atomic():
        record(told)
        transaction.set_rollback(True)


def test_an_event_is_kept_as_it_was_told(account, buyer):
    told = event(account, buyer, data={"device": "phone"}, cause="invitation:7")

    outcome = record(told)

    kept = Event.objects.get(pk=outcome.event_id)
    assert outcome.state == State.RECORDED
    assert (kept.kind, kept.account, kept.buyer) == (kinds.LOGGED_IN, account, buyer)
    assert (kept.occurred_at, kept.data) == (NOON, {"device": "phone"})
    assert (kept.source, kept.key, kept.cause) == (told.source, told.key, told.cause)


def test_it_waits_for_reactions_in_the_shard_of_its_account(account):
    outcome = record(event(account))

    waiting = EventInbox.objects.get()
    assert (waiting.event_id, waiting.shard) == (outcome.event_id, account.pk % 64)


def test_told_again_it_is_repeated(account):
    told = event(account)

    first, again = record(told), record(told)

    assert (again.state, again.event_id) == (State.REPEATED, first.event_id)
    assert Event.objects.count() == EventInbox.objects.count() == 1
    assert not EventConflict.objects.exists()


def test_the_key_of_another_source_is_another_key(account):
    told = event(account)

    recorded = record_many([told, replace(told, source="erp")])

    assert recorded.new == 2


def test_other_content_under_a_known_key_is_a_conflict(account):
    told = event(account)
    other = replace(told, data={"device": "phone"})

    first, second, third = record(told), record(other), record(other)

    assert second.state == third.state == State.CONFLICT
    assert second.event_id == first.event_id
    assert Event.objects.get().data == {}
    shown = EventConflict.objects.get()
    assert (shown.on, shown.event_id) == ("key", first.event_id)
    assert shown.body["data"] == {"device": "phone"}


def test_the_digest_of_the_report_decides_when_given(account, buyer):
    told = event(account, digest=b"1" * 16)

    record(told)

    assert record(replace(told, buyer_id=buyer.pk)).state == State.REPEATED
    assert record(replace(told, digest=b"2" * 16)).state == State.CONFLICT


def test_a_document_counts_once_across_sources(account):
    by_api = order(account, document="INV-7")
    by_file = replace(by_api, source="orders", key="file-7", occurred_at=NOON)

    first, second = record(by_api), record(by_file)

    assert (second.state, second.event_id) == (State.REPEATED, first.event_id)
    assert Event.objects.count() == 1


def test_the_key_of_a_known_document_is_remembered_too(account):
    by_api = order(account, document="INV-7")
    by_file = replace(by_api, source="orders", key="file-7")
    first, _ = record(by_api), record(by_file)

    other = replace(by_file, data={**by_file.data, "document": "INV-8"})

    assert EventKey.objects.get(key="file-7").event_id == first.event_id
    assert record(by_file).state == State.REPEATED
    assert record(other).state == State.CONFLICT


@pytest.mark.parametrize(
    ("amount", "state"),
    [("10.00", State.REPEATED), ("10", State.REPEATED), ("10.01", State.CONFLICT)],
)
def test_a_document_is_the_same_if_its_amount_is(account, amount, state):
    record(order(account, document="INV-7", key="a"))

    outcome = record(order(account, document="inv-7 ", amount=amount, key="b"))

    assert outcome.state == state


def test_a_conflicting_document_stays_a_conflict_and_leaves_its_key_free(account):
    record(order(account, document="INV-7", key="a"))
    wrong = order(account, document="INV-7", amount="99.00", key="b")

    first, again = record(wrong), record(wrong)
    right = record(order(account, document="INV-7", key="b"))

    assert first.state == again.state == State.CONFLICT
    assert EventConflict.objects.get().on == "document"
    assert right.state == State.REPEATED


def test_the_same_document_number_of_another_account_is_another_document(account):
    other = AccountFactory()

    recorded = record_many(
        [order(account, document="INV-7"), order(other, document="INV-7")]
    )

    assert recorded.new == 2


def test_an_invoice_and_a_credit_note_may_share_a_number(account):
    invoice = order(account, document="7")
    note = replace(invoice, kind=kinds.CREDIT_NOTE, key="note")

    assert record_many([invoice, note]).new == 2


@pytest.mark.parametrize("many", [0, 200], ids=["as parameters", "by copy"])
def test_twins_within_a_batch(account, many):
    a = order(account, document="D1", key="a")
    same_key = replace(a)
    other_key = replace(a, key="b")
    other_content = replace(a, occurred_at=NOON.replace(hour=13))
    other_amount = order(account, document="D1", amount="11.00", key="c")
    twin_of_that = replace(other_amount)
    rest = [event(account) for _ in range(many)]

    batch = [a, same_key, other_key, other_content, other_amount, twin_of_that, *rest]
    recorded = record_many(batch)

    assert [outcome.state.value for outcome in recorded.outcomes[:6]] == [
        "recorded",
        "repeated",
        "repeated",
        "conflict",
        "conflict",
        "conflict",
    ]
    assert recorded.new == 1 + many
    again = record_many(batch)
    assert (again.new, again.conflicts) == (0, 3)


def test_a_loser_of_its_own_key_claims_no_document(account):
    record(order(account, document="D1", key="a"))

    conflict = order(account, document="D2", key="a")
    free = order(account, document="D2", key="b")
    recorded = record_many([conflict, free])

    assert [outcome.state.value for outcome in recorded.outcomes] == [
        "conflict",
        "recorded",
    ]


def test_more_than_a_chunk_is_taken_in_turns(account, monkeypatch):
    monkeypatch.setattr("accounts.journal.record.CHUNK", 3)

    recorded = record_many(event(account) for _ in range(10))

    assert recorded.new == len(recorded.outcomes) == 10


def test_an_unknown_kind_is_refused(account):
    with pytest.raises(kinds.UnknownKind):
        record(event(account, kind="teleported"))


def test_nobody_reports_as_the_keeper_of_documents(account):
    with pytest.raises(ValueError, match="document"):
        record(event(account, source="document"))


@pytest.mark.django_db(transaction=True)
def test_what_the_caller_takes_back_never_was(account, rings):
    told = event(account)
    record_and_take_back(told)

    assert not Event.objects.exists()
    assert not rings
    assert record(told).state == State.RECORDED
    assert rings == ["journal.react"]


@pytest.mark.django_db(transaction=True)
def test_the_bell_rings_once_a_transaction_and_only_for_news(account, rings):
    told = event(account)
    with transaction.atomic():
        record(told)
        record(event(account))
    record(told)

    assert rings == ["journal.react"]


@pytest.mark.django_db(transaction=True)
def test_a_ring_that_went_with_its_savepoint_is_made_up_for(account, rings):
    with transaction.atomic():
        record_and_take_back(event(account))
        record(event(account))

    assert rings == ["journal.react"]


@pytest.mark.parametrize(("size", "statements"), [(1, 1), (5, 1), (1000, 4), (5000, 4)])
def test_how_many_statements_it_takes(
    account, size, statements, django_assert_num_queries
):
    events = [event(account) for _ in range(size)]

    with django_assert_num_queries(statements):
        record_many(events)


def test_repeats_take_one_statement_more(account, django_assert_num_queries):
    told = event(account)
    record(told)

    with django_assert_num_queries(2):
        record(told)


def test_nothing_to_record_asks_nothing(account, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert record_many([]).outcomes == []


def test_the_temporary_table_is_gone_afterwards(account):
    record_many([event(account) for _ in range(200)])

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.journal_batch')")
        assert cursor.fetchone() == (None,)


def work_of_repeats(account, orders):
    """Rows touched to find out who holds the keys of orders that are told again,
    while nobody has counted what the table holds by now."""
    record_many([event(account) for _ in range(orders)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE journal_eventkey")
    told = [order(account, document=f"B-{n}", key=f"k-{n}") for n in range(orders)]
    record_many(told)
    with work.counted("own.digest = batch.digest") as counted:
        again = record_many(told)
    assert again.repeated == orders
    [rows] = counted
    return rows


def test_telling_many_again_asks_for_each_key_once(account):
    assert work_of_repeats(account, 1_000) < 20 * 1_000
