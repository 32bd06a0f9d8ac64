"""People are found as somebody types them."""

import pytest

from accounts.customers import search
from accounts.customers.models import Buyer
from tests.factories import AccountFactory, BuyerFactory

TYPED = ["nunez", "NÚÑEZ", "Núñ", "ana nunez", "ferreteria", "AR-7", "nunez ferre"]


@pytest.mark.parametrize("typed", TYPED)
def test_accents_capitals_and_order_do_not_matter(db, typed):
    account = AccountFactory(number="AR-7", name="Ferretería del Sur")
    ana = BuyerFactory(
        account=account, first_name="Ana", last_name="Núñez", email="ana@acme.example"
    )
    BuyerFactory()
    assert list(Buyer.objects.filter(search.buyers(typed))) == [ana]


def test_every_word_must_fit(db):
    BuyerFactory(first_name="Ana", last_name="Núñez")
    assert not Buyer.objects.filter(search.buyers("ana ruiz")).exists()
