"""Sessions and the people who want to sit in them, in a few words."""

from datetime import UTC, date, datetime, time, timedelta

from campaigns.training import seats
from campaigns.training.models import Course, Pool, Seat, Session
from campaigns.training.seats import Act, Guest
from tests.factories import BuyerFactory, UserFactory

#: A Monday; the session is eight days later at ten, in Madrid.
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
STARTS = datetime(2026, 3, 10, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def make_session(capacity=2, **fields):
    course = fields.pop("course", None) or Course.objects.create(title="First order")
    values = {"day": date(2026, 3, 10), "hour": time(10), **fields}
    return Session.objects.create(course=course, capacity=capacity, **values)


def make_pool(capacity, **fields):
    return Pool.objects.create(name="Trainers' hours", capacity=capacity, **fields)


def by_staff(at=NOON, **fields):
    return Act(at, source=Seat.Source.STAFF, by=UserFactory(), **fields)


def book(session, buyer=None, at=NOON, *, act=None, **options):
    """A seat for *buyer*, or for somebody new."""
    buyer = buyer or BuyerFactory()
    return seats.book(
        session.pk,
        [Guest(buyer.pk)],
        act or Act(at),
        account_id=buyer.account_id,
        **options,
    )


def book_for(session, account, number, at=NOON, **options):
    """*number* seats for a company, in the names of its buyers."""
    people = [BuyerFactory(account=account) for _ in range(number)]
    guests = [Guest(buyer.pk) for buyer in people]
    return seats.book(session.pk, guests, Act(at), account_id=account.pk, **options)


def state(booked):
    """The states of the seats of a booking, as one where they agree."""
    found = set(booked.booking.seats.values_list("state", flat=True))
    return found.pop() if len(found) == 1 else found


def seat_of(booked):
    return booked.booking.seats.get()


def taken(session):
    """What is counted, having checked it against the seats themselves."""
    session.refresh_from_db()
    assert session.taken == session.seats.taking().count() <= session.capacity
    return session.taken
