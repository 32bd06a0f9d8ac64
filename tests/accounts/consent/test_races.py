"""Unsubscribing twice at once is one objection; without the guard it would be two."""

from threading import Barrier

import pytest

from accounts.consent import choices
from accounts.consent.models import Choice, Permission, Suppression
from accounts.customers.models import Buyer
from tests.races import at_once

from .conftest import NOON

pytestmark = pytest.mark.django_db(transaction=True)


def stop(buyer):
    return choices.object_to_marketing(buyer, choices.ONE_CLICK, "Stop", NOON)


def test_twice_at_once_is_one_objection(buyer):
    assert sorted(at_once(lambda: stop(buyer), 4)) == [False, False, False, True]

    assert Choice.objects.count() == 1
    assert Suppression.objects.count() == 1
    assert Permission.objects.count() == 1


def test_without_the_lock_it_would_be_two(buyer, monkeypatch):
    """Of a buyer without an address, whose suppression does not make them wait."""
    Buyer.objects.update(email="", email_key="", address_hash=None)
    looked = Barrier(2)
    objected = choices._objected

    def look_together(buyer):
        found = objected(buyer)
        looked.wait(timeout=10)
        return found

    monkeypatch.setattr(choices, "lock", lambda buyer: Buyer.objects.get(pk=buyer.pk))
    monkeypatch.setattr(choices, "_objected", look_together)

    assert at_once(lambda: stop(buyer)) == [True, True]
    assert Choice.objects.count() == 2
