"""A person of whom something is held, and who asks about it."""

from datetime import UTC, datetime

import pytest

from accounts.consent import choices
from accounts.consent.models import Permission
from accounts.staff.models import Role
from tests.factories import AccountFactory, BuyerFactory, PermissionFactory, UserFactory

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def person(db):
    buyer = BuyerFactory(
        account=AccountFactory(number="C777", name="Molinos SL"),
        email="Zoraida.Quintanilla@molinos.example",
        first_name="Zoraida",
        last_name="Quintanilla",
        phone="+34 600 123 456",
        external_id="WEB-90210",
        language="es",
    )
    PermissionFactory(buyer=buyer)
    choices.grant(buyer, "Zoraida rang us", "Yes, write to Zoraida", AT)
    assert Permission.objects.filter(buyer=buyer).exists()
    return buyer


@pytest.fixture
def manager(db):
    return UserFactory(role=Role.MARKETING_MANAGER)
