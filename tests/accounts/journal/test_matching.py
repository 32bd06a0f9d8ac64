"""What found no account, or no buyer, finds its place when they come."""

from datetime import UTC, datetime

import pytest

from accounts.customers.models import Account
from accounts.customers.upserts import Item, upsert
from accounts.journal import intake, kinds, matching, proofs, react, unmatched
from accounts.journal.intake import Status
from accounts.journal.models import (
    AccountProgress,
    BuyerProgress,
    Event,
    EventConflict,
    UnknownBuyer,
    UnmatchedEvent,
)
from accounts.journal.reports import Report
from tests.factories import AccountFactory, BuyerFactory

from .conftest import NOON

ANA = {"email": "Ana@acme.example"}


def report(key="order-1", *, number="77", buyer=None, **data):
    return Report(
        key=key,
        kind=kinds.ORDERED,
        occurred_at=NOON,
        account=number,
        buyer=buyer or {},
        data={"channel": "online", "amount": "10", "currency": "EUR", **data},
    )


def take(*reports):
    return intake.take(reports, "api:store", NOON)


def match_again():
    found = matching.match_again(NOON)
    react.react_to_all(NOON)
    return found.events, found.buyers


def test_an_event_waits_for_its_account(db):
    take(report(), report("order-2", number="78"))
    assert match_again() == (0, 0)

    account = AccountFactory(number="77")

    assert match_again() == (1, 0)
    event = Event.objects.get()
    assert (event.account, event.key, event.source) == (account, "order-1", "api:store")
    kept = UnmatchedEvent.objects.get(key="order-1")
    assert (kept.matched_at, kept.event_id) == (NOON, event.pk)
    assert AccountProgress.objects.get().online_count == 1
    assert match_again() == (0, 0)


def test_told_again_meanwhile_it_counts_once(db):
    take(report())
    AccountFactory(number="77")
    (now,) = take(report())

    assert now.status == Status.RECORDED
    assert UnmatchedEvent.objects.get().matched_at == NOON
    assert match_again() == (0, 0)
    assert Event.objects.count() == 1


def test_what_waits_holds_its_key_against_other_content(db):
    take(report())
    AccountFactory(number="77")

    (other,) = take(report(amount="99"))

    assert other.status == Status.CONFLICT
    assert EventConflict.objects.get().event_id is None
    assert match_again() == (1, 0)


def test_its_document_may_have_come_otherwise(db):
    """The report waited; the same order came in a file, with another amount."""
    take(report(document="D1", amount="5"))
    AccountFactory(number="0077")
    take(report("file-1", number="0077", document="D1"))

    assert match_again() == (0, 0)
    kept = UnmatchedEvent.objects.get()
    assert (kept.reason, kept.matched_at) == ("conflict", None)
    # It is not tried for ever, and does not stand in the way of its key.
    assert match_again() == (0, 0)


def test_a_key_that_is_an_events_does_not_wait(db):
    AccountFactory(number="77")
    take(report())

    (other,) = take(report(number="no such account"))

    assert other.status == Status.CONFLICT
    assert not UnmatchedEvent.objects.exists()


def test_dismissed_it_is_left_alone(db):
    take(report())
    row = UnmatchedEvent.objects.get()

    assert unmatched.dismiss([row.pk], NOON) == 1
    AccountFactory(number="77")

    assert match_again() == (0, 0)
    assert take(report())[0].status == Status.RECORDED


def test_more_than_a_chunk(db, monkeypatch):
    monkeypatch.setattr(unmatched, "CHUNK", 2)
    take(*[report(f"order-{n}", number=f"{70 + n % 3}") for n in range(9)])
    AccountFactory(number="70")
    AccountFactory(number="72")

    assert match_again() == (6, 0)


def test_a_buyer_who_comes_later_gets_her_order(db):
    account = AccountFactory(number="77")
    (first,) = take(report(buyer=ANA, document="D1"))
    react.react_to_all(NOON)
    assert first.code == "unknown_buyer"
    assert AccountProgress.objects.get().online_count == 1
    assert not BuyerProgress.objects.exists()
    assert "acme" not in str(Event.objects.get().data)

    buyer = BuyerFactory(account=account, email="ana@acme.example")

    assert match_again() == (0, 1)
    original, correction = Event.objects.order_by("pk")
    assert (correction.buyer, correction.corrects) == (buyer, original.pk)
    assert (correction.occurred_at, correction.data) == (NOON, original.data)
    assert BuyerProgress.objects.get().online_count == 1
    assert AccountProgress.objects.get().online_count == 1
    assert proofs._sums_are_right(NOON).count == 0
    assert match_again() == (0, 0)


def test_her_address_is_kept_no_longer_than_needed(db):
    account = AccountFactory(number="77")
    take(report(buyer=ANA))
    assert UnknownBuyer.objects.get().email_key == "ana@acme.example"

    BuyerFactory(account=account, email="ana@acme.example")
    match_again()

    assert UnknownBuyer.objects.get().email_key == ""


def test_account_and_buyer_may_come_in_any_order(db):
    take(report(buyer={"external_id": "web-7"}))
    account = AccountFactory(number="77")
    assert match_again() == (1, 0)
    BuyerFactory(account=account, external_id="web-7")
    assert match_again() == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_written_customers_ring_for_it(rings):
    account = {
        "number": "77",
        "name": "Acme",
        "country": "ES",
        "country_zone": "Europe/Madrid",
    }
    from accounts.customers.signals import LegalBasis

    upsert(
        [Item("77", account)],
        datetime.now(UTC),
        "test",
        LegalBasis("none", "test"),
    )

    assert Account.objects.filter(number="77").exists()
    assert "journal.match" in rings


@pytest.mark.django_db(transaction=True)
def test_an_account_entered_by_hand_rings_for_it(rings):
    AccountFactory()

    assert rings == ["journal.match"]
