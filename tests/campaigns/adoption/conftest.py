"""What the tests of the figures share: histories told in a few lines."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from accounts.journal import kinds, react
from accounts.journal.record import NewEvent, record_many
from accounts.staff.models import Role
from campaigns.adoption.frames import Frame
from tests.factories import AccountFactory, BuyerFactory, UserFactory

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
numbers = count(1)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


class History:
    """Tells the journal what happened, so many days ago; `settle` reacts to it."""

    def __init__(self) -> None:
        self.events: list[NewEvent] = []

    def invited(self, buyer, days):
        return self._add(kinds.INVITED, buyer.account, buyer, days)

    def registered(self, buyer, days):
        return self._add(kinds.REGISTERED, buyer.account, buyer, days)

    def logged_in(self, buyer, days):
        return self._add(kinds.LOGGED_IN, buyer.account, buyer, days)

    def ordered(self, buyer, *days, account=None, kind=kinds.ORDERED, **data):
        """*buyer* None: an order of the *account* that names nobody."""
        details = {"channel": "online", "placed_by": "customer", "currency": "EUR"}
        for one in days:
            whole = {**details, "amount": "10.00", **data}
            self._add(kind, account or buyer.account, buyer, one, whole)
        return self

    def settle(self):
        record_many(self.events)
        self.events = []
        react.react_to_all(NOW)

    def _add(self, kind, account, buyer, days, data=None):
        self.events.append(
            NewEvent(
                kind=kind,
                account_id=account.pk,
                buyer_id=buyer.pk if buyer else None,
                occurred_at=ago(days),
                source="store",
                key=f"k{next(numbers)}",
                data=data or {},
            )
        )
        return self


@pytest.fixture
def history(db):
    return History()


@pytest.fixture
def frame():
    return Frame(NOW)


@pytest.fixture
def buyer(db):
    return BuyerFactory(account=AccountFactory(name="Acme", number="A1"))


@pytest.fixture
def colleague(buyer):
    return BuyerFactory(account=buyer.account)


@pytest.fixture
def stranger(db):
    return BuyerFactory(account=AccountFactory(name="Other", number="Z9"))


@pytest.fixture
def analyst(client, db):
    user = UserFactory(role=Role.ANALYST)
    client.force_login(user)
    return user


@pytest.fixture
def marketer(client, db):
    """Reads figures, and may see who stands behind them."""
    user = UserFactory(role=Role.MARKETING_MANAGER)
    client.force_login(user)
    return user
