"""Who may be written to."""

import pytest

from accounts.consent import permissions, suppression
from accounts.customers.models import Buyer
from tests.factories import BuyerFactory, PermissionFactory, UserFactory

from .conftest import NOON

pytestmark = pytest.mark.django_db


def may(q, buyer):
    return Buyer.objects.filter(q, pk=buyer.pk).exists()


def suppress(buyer, scope):
    suppression.suppress(
        buyer.address_hash, scope, reason="by_hand", source="test", at=NOON
    )


def test_without_a_permission_nothing_commercial(buyer):
    assert not may(permissions.marketing(), buyer)
    assert may(permissions.service(), buyer)


def test_with_a_permission(buyer):
    PermissionFactory(buyer=buyer)
    assert may(permissions.marketing(), buyer)


def test_a_refused_permission(buyer):
    PermissionFactory(buyer=buyer, allowed=False)
    assert not may(permissions.marketing(), buyer)


def test_a_permission_for_something_else(buyer):
    PermissionFactory(buyer=buyer, topic="events")
    assert not may(permissions.marketing(), buyer)


def test_a_suppressed_address_gets_service_messages_only(buyer):
    PermissionFactory(buyer=buyer)
    suppress(buyer, "marketing")
    assert not may(permissions.marketing(), buyer)
    assert may(permissions.service(), buyer)


def test_an_address_given_up_gets_nothing(buyer):
    PermissionFactory(buyer=buyer)
    suppress(buyer, "all")
    assert not may(permissions.marketing(), buyer)
    assert not may(permissions.service(), buyer)


def test_a_lifted_suppression_no_longer_counts(buyer):
    PermissionFactory(buyer=buyer)
    suppress(buyer, "marketing")
    row = suppression.active(buyer.address_hash).get()
    suppression.lift(row, "She rang", at=NOON, by=UserFactory())
    assert may(permissions.marketing(), buyer)


def test_a_new_buyer_with_a_suppressed_address_is_left_alone(buyer):
    suppress(buyer, "marketing")
    again = BuyerFactory(email=buyer.email.upper())
    PermissionFactory(buyer=again)
    assert not may(permissions.marketing(), again)
