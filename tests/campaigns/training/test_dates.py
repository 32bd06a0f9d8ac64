"""Copies of a session, and series."""

from datetime import date, time

import pytest

from campaigns.training import dates
from campaigns.training.models import Series
from tests.campaigns.training.scenes import DAY, HOUR, STARTS, book, make_session
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def make_series(session, first, last, weekdays, **fields):
    return Series.objects.create(
        course=session.course,
        first_day=first,
        last_day=last,
        weekdays=weekdays,
        **fields,
    )


def test_a_copy_begins_empty_with_the_same_trainers():
    trainer = UserFactory()
    session = make_session(capacity=5, bookable_until=STARTS - DAY, place="Room 1")
    session.trainers.add(trainer)
    book(session)

    twin = dates.copy(session, date(2026, 3, 17), time(12))

    twin.refresh_from_db()
    assert (twin.taken, twin.capacity, twin.place) == (0, 5, "Room 1")
    assert list(twin.trainers.all()) == [trainer]
    assert twin.starts_at == STARTS + 7 * DAY + 2 * HOUR
    assert twin.bookable_until == STARTS + 6 * DAY + 2 * HOUR
    assert twin.uuid != session.uuid


def test_every_tuesday_means_ten_o_clock_there_summer_and_winter():
    session = make_session()
    series = make_series(session, date(2026, 3, 24), date(2026, 4, 7), [1])

    made = dates.repeat(session, series)

    assert [one.day.day for one in made] == [24, 31, 7]
    assert [one.starts_at.hour for one in made] == [9, 8, 8]


def test_a_series_made_twice_has_its_dates_once():
    session = make_session()
    series = make_series(session, date(2026, 3, 16), date(2026, 3, 29), [0, 2])
    assert len(dates.repeat(session, series)) == 4
    assert dates.repeat(session, series) == []
    moved = series.sessions.first()
    moved.day = date(2026, 3, 30)
    moved.save()
    assert dates.repeat(session, series) == []


def test_every_other_week_and_not_on_holidays():
    session = make_session()
    first, last = date(2026, 4, 27), date(2026, 5, 31)
    every_other = make_series(session, first, last, [4], every_weeks=2)
    assert [day.day for day in dates.days_of(every_other)] == [1, 15, 29]
    working = make_series(session, first, last, [4], skip_holidays="ES")
    assert date(2026, 5, 1) not in list(dates.days_of(working))


def test_a_wrong_year_does_not_make_thousands():
    session = make_session()
    series = make_series(session, date(2026, 1, 1), date(2036, 1, 1), list(range(7)))
    with pytest.raises(dates.TooManyDates):
        dates.repeat(session, series)
    assert not series.sessions.exists()
