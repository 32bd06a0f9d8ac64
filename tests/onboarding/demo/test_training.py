"""The classroom of the story is open on days on which people work."""

from datetime import UTC, datetime
from random import Random

import pytest

from campaigns.sequences import schedule
from campaigns.training.models import Session
from onboarding.demo import training
from tests.factories import BuyerFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "today",
    [
        datetime(2026, 11, 25, 9, tzinfo=UTC),  # in 13 days: Immaculate Conception
        datetime(2026, 12, 19, 9, tzinfo=UTC),  # in 6 days: Christmas, a Friday
        datetime(2026, 9, 29, 9, tzinfo=UTC),  # in 13 days: 12 October, a Monday
        datetime(2026, 11, 10, 9, tzinfo=UTC),  # 14 days after the 24th: 8 December
    ],
)
def test_no_session_is_on_a_weekend_or_a_holiday(today):
    BuyerFactory.create_batch(40)
    marketing = UserFactory(role="marketing_manager")

    training.give(Random(1), {"marketing": marketing, "trainer": marketing}, today)

    days = sorted(Session.objects.values_list("day", flat=True))
    assert len(days) >= 7
    assert [day for day in days if not schedule.is_working(day, "ES")] == []
