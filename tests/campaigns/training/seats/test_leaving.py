"""Giving a seat up, and moving to another date in one step."""

from datetime import date

import pytest

from accounts.journal.models import Event
from campaigns.training import seats
from campaigns.training.seats import Act, Refused
from tests.campaigns.training.scenes import (
    HOUR,
    NOON,
    STARTS,
    book,
    book_for,
    by_staff,
    make_pool,
    make_session,
    seat_of,
    state,
    taken,
)
from tests.factories import AccountFactory, BuyerFactory

pytestmark = pytest.mark.django_db


def refusal(deed):
    with pytest.raises(Refused) as caught:
        deed()
    return caught.value.why


def test_a_seat_is_given_up_once():
    session = make_session()
    booked = book(session)
    seat = seat_of(booked)

    assert seats.cancel(seat, Act(NOON)) is True
    assert seats.cancel(seat, Act(NOON)) is False

    seat.refresh_from_db()
    assert (seat.state, seat.revision, taken(session)) == ("cancelled", 1, 0)
    assert Event.objects.filter(kind="seat_cancelled").count() == 1


def test_there_is_a_limit_for_customers_not_for_staff():
    session = make_session(cancel_hours=24)
    seat = seat_of(book(session))
    late = STARTS - HOUR

    assert refusal(lambda: seats.cancel(seat, Act(late))) == "too_late"
    assert taken(session) == 1
    assert seats.cancel(seat, by_staff(late))


def test_the_queue_may_be_left_at_any_time():
    session = make_session(capacity=1, cancel_hours=24)
    book(session)
    waiting = book(session)
    assert seats.cancel(seat_of(waiting), Act(STARTS - HOUR))
    assert state(waiting) == "cancelled"


def test_a_company_gives_all_its_seats_back_together():
    session = make_session(capacity=3)
    booked = book_for(session, AccountFactory(), 3)
    waiting = book_for(session, AccountFactory(), 2)

    assert seats.cancel_booking(booked.booking, Act(NOON)) == 3

    assert (state(booked), state(waiting)) == ("cancelled", "offered")
    assert taken(session) == 2


def test_a_move_takes_the_new_seat_and_frees_the_old():
    here, there = make_session(1), make_session(1, day=date(2026, 3, 17))
    seat = seat_of(book(here))
    waiting = book(here)

    seats.move(seat, there.pk, Act(NOON))
    seats.move(seat, there.pk, Act(NOON))

    seat.refresh_from_db()
    assert (seat.session, seat.state, seat.revision) == (there, "booked", 1)
    assert (taken(here), taken(there), state(waiting)) == (1, 1, "offered")
    assert seat.changes.first().notice == "moved"


def test_who_cannot_move_keeps_her_seat():
    here, there = make_session(1), make_session(1, day=date(2026, 3, 17))
    book(there)
    seat = seat_of(book(here))

    assert refusal(lambda: seats.move(seat, there.pk, Act(NOON))) == "full"

    seat.refresh_from_db()
    assert (seat.session, seat.state) == (here, "booked")
    assert (taken(here), taken(there)) == (1, 1)


def test_a_move_and_back_is_recorded_each_time():
    here, there = make_session(), make_session(day=date(2026, 3, 17))
    seat = seat_of(book(here))
    seats.move(seat, there.pk, Act(NOON))
    seat.refresh_from_db()
    seats.move(seat, here.pk, Act(NOON))
    events = Event.objects.filter(kind="booked").order_by("id")
    found = [event.data["session"] for event in events]
    assert found == [here.pk, there.pk, here.pk]


def test_one_colleague_moves_and_the_others_stay():
    here, there = make_session(3), make_session(3, day=date(2026, 3, 17))
    booked = book_for(here, AccountFactory(), 2)

    seats.move(booked.seats[0], there.pk, Act(NOON))

    assert (taken(here), taken(there)) == (1, 1)
    assert booked.booking.seats.get().session == here


def test_nobody_has_two_seats_in_one_session():
    here, there = make_session(), make_session(day=date(2026, 3, 17))
    buyer = BuyerFactory()
    seat = seat_of(book(here, buyer))
    book(there, buyer)
    assert refusal(lambda: seats.move(seat, there.pk, Act(NOON))) == "already"


def test_within_a_full_pool_she_takes_her_place_along():
    pool = make_pool(capacity=1)
    here = make_session(1, pool=pool)
    there = make_session(1, pool=pool, day=date(2026, 3, 17))
    seat = seat_of(book(here))

    seats.move(seat, there.pk, Act(NOON))

    pool.refresh_from_db()
    assert (pool.taken, taken(here), taken(there)) == (1, 0, 1)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"state": "cancelled"}, "cancelled"),
        ({"bookable_until": NOON}, "closed"),
        ({"bookable_from": NOON + HOUR}, "not_open"),
        ({"seats_per_account": 1}, "company_limit"),
    ],
)
def test_she_may_move_only_to_what_she_could_book(fields, why):
    here = make_session()
    there = make_session(5, day=date(2026, 3, 17), **fields)
    seat = seat_of(book(here))
    if why == "company_limit":
        book(there, BuyerFactory(account=seat.account))
    assert refusal(lambda: seats.move(seat, there.pk, Act(NOON))) == why


def test_still_coming_is_noted_once_and_no_frees_the_seat():
    session = make_session(1)
    seat = seat_of(book(session))
    waiting = book(session)

    seats.reconfirm(seat, Act(NOON), coming=True)
    seats.reconfirm(seat, Act(NOON + HOUR), coming=True)
    seat.refresh_from_db()
    assert seat.reconfirmed_at == NOON

    seats.reconfirm(seat, Act(NOON + HOUR), coming=False)
    assert state(waiting) == "offered"
    assert refusal(lambda: seats.reconfirm(seat, Act(NOON), coming=True)) == (
        "not_yours"
    )
