"""A buyer and her links."""

import pytest

from accounts.consent import links
from tests.factories import AccountFactory, BuyerFactory, PermissionFactory


@pytest.fixture
def buyer(db):
    account = AccountFactory(name="Talleres Ebro SL")
    buyer = BuyerFactory(account=account, first_name="Ana", email="ana@ebro.example")
    PermissionFactory(buyer=buyer)
    return buyer


@pytest.fixture
def link(buyer):
    """The path of her unsubscribe link."""
    return path_of(buyer)


def path_of(buyer):
    url = links.unsubscribe(buyer.uuid)
    return url[url.index("/u/") :]
