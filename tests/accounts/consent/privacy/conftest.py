"""A person of whom something is held, and who asks about it."""

import pytest

from accounts.consent import choices
from accounts.consent.models import Permission
from accounts.staff.models import Role
from tests.factories import AccountFactory, BuyerFactory, PermissionFactory, UserFactory

from . import scenes
from .scenes import AT


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


@pytest.fixture
def company(db):
    return AccountFactory(number="C900", name="Molinos SL")


@pytest.fixture
def named(company):
    """By an event of her company, by one of nobody's, and by neither a colleague."""
    order = {"amount": "120.50", "currency": "EUR", "document": "AB-1"}
    scenes.take(
        scenes.report(
            f"order-{scenes.HER}-1", scenes.HER.title(), **order, note="Iria"
        ),
        scenes.report("in-1", scenes.HER, kind="logged_in", account="NOBODY"),
        scenes.report("order-2", scenes.ANOTHER, **order),
        scenes.report("in-2", scenes.ANOTHER, kind="logged_in", account="NOBODY"),
    )
