"""A buyer on her training pages, and the clock that they ask."""

import pytest

from accounts.journal import clock
from campaigns.training import links
from tests.campaigns.training.scenes import NOON
from tests.factories import AccountFactory, BuyerFactory, UserFactory


class Clock:
    def __init__(self):
        self.at = NOON

    def __call__(self):
        return self.at


@pytest.fixture
def now(monkeypatch):
    """Set ``now.at``: pages ask for it."""
    told = Clock()
    monkeypatch.setattr(clock, "now", told)
    return told


@pytest.fixture
def ana(db):
    rep = UserFactory(name="Luis Pérez", role="sales_rep", phone="+34 976 000 000")
    account = AccountFactory(name="Talleres Ebro SL", rep=rep)
    return BuyerFactory(account=account, first_name="Ana", email="ana@ebro.example")


def enter(client, buyer, to=""):
    """Follow her link; what the page answers."""
    url = links.of_buyer(buyer, to)
    path = url[url.index("/t/") :]
    response = client.get(path)
    assert response.status_code == 302
    assert "t/sessions" in response.url or "t/seats" in response.url or not to
    return client.get(response.url)


@pytest.fixture
def visitor(client, ana, now):
    """Ana's browser, her link followed."""
    enter(client, ana)
    return client
