"""What the tests of the journal share: events in one line."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.utils import translation

from accounts.journal import doorbell, kinds
from accounts.journal.record import NewEvent
from tests.factories import AccountFactory, BuyerFactory

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
numbers = count(1)


def event(account, buyer=None, kind=kinds.LOGGED_IN, **fields):
    """An event of the store, with a key of its own unless one is given."""
    fields.setdefault("occurred_at", NOON)
    fields.setdefault("key", f"event-{next(numbers)}")
    return NewEvent(
        kind=kind,
        account_id=account.pk,
        buyer_id=buyer.pk if buyer else None,
        source=fields.pop("source", "store"),
        **fields,
    )


def order(account, buyer=None, *, days=0, **fields):
    """An online order so many days after noon; further fields go into its data."""
    data = {"channel": "online", "amount": "10.00", "currency": "EUR"}
    shell = {name: fields.pop(name) for name in ("key", "source") if name in fields}
    return event(
        account,
        buyer,
        kinds.ORDERED,
        occurred_at=NOON + timedelta(days=days),
        data={**data, **fields},
        **shell,
    )


@pytest.fixture(autouse=True)
def english():
    """Whatever language the last request of another test was in."""
    with translation.override("en"):
        yield


@pytest.fixture
def account(db):
    return AccountFactory()


@pytest.fixture
def buyer(account):
    return BuyerFactory(account=account)


@pytest.fixture
def rings(monkeypatch):
    """The tasks that were rung for."""
    rung = []
    monkeypatch.setattr(
        doorbell.current_app, "send_task", lambda name, **_: rung.append(name)
    )
    return rung
