"""The times and the people of the consent tests."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import BuyerFactory

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)


@pytest.fixture
def buyer(db):
    return BuyerFactory(email="Ana.Ruiz@acme.example")
