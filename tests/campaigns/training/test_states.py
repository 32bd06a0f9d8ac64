"""Which changes of state a seat may go through, in code and in the database."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import pytest
from django.db import DatabaseError, transaction

from campaigns.training import states
from campaigns.training.models import Booking, Course, Seat, Session
from tests.factories import BuyerFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAIRS = [pair for pair in product(Seat.State, repeat=2) if pair[0] != pair[1]]


@pytest.fixture
def booking():
    buyer = BuyerFactory()
    return Booking.objects.create(account=buyer.account, contact=buyer, source="page")


@pytest.fixture
def session():
    course = Course.objects.create(title="First order")
    return Session.objects.create(
        course=course, day=date(2026, 3, 10), hour=time(10), capacity=100
    )


def fields(state):
    timed = state in Seat.TIMED
    return {
        "state": state,
        "expires_at": NOON + timedelta(hours=1) if timed else None,
        "checked_in_at": NOON,
    }


@pytest.mark.parametrize(
    ("before", "after"), PAIRS, ids=lambda state: getattr(state, "value", None)
)
def test_the_database_allows_what_the_table_says(booking, session, before, after):
    seat = Seat.objects.create(
        session=session,
        booking=booking,
        account=booking.account,
        buyer=booking.contact,
        **fields(before),
    )

    try:
        with transaction.atomic():
            Seat.objects.filter(pk=seat.pk).update(**fields(after))
        allowed = True
    except DatabaseError:
        allowed = False

    assert allowed == states.may_become(before, after)


def test_a_seat_is_never_deleted(booking, session):
    seat = Seat.objects.create(
        session=session,
        booking=booking,
        account=booking.account,
        **fields(Seat.State.BOOKED),
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        seat.delete()
    assert Seat.objects.filter(pk=seat.pk).exists()
