"""Booking one seat or several, at once or in the queue."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.journal.models import Event
from campaigns.training import seats
from campaigns.training.models import Booking, Seat
from campaigns.training.seats import Act, Guest, Refused
from tests.campaigns.training.scenes import (
    DAY,
    HOUR,
    NOON,
    STARTS,
    book,
    book_for,
    by_staff,
    make_session,
    state,
    taken,
)
from tests.factories import AccountFactory, BuyerFactory

pytestmark = pytest.mark.django_db


def refusal(deed):
    with pytest.raises(Refused) as caught:
        deed()
    assert caught.value.text
    return caught.value.why


def test_a_seat_is_booked_and_recorded():
    session = make_session()

    booked = book(session)

    (seat,) = booked.seats
    assert (booked.state, booked.position, taken(session)) == ("booked", 0, 1)
    assert seat.booked_at == NOON
    (event,) = Event.objects.filter(kind="booked")
    assert event.buyer_id == seat.buyer_id
    assert event.data == {"session": session.pk}
    (change,) = seat.changes.all()
    assert (change.before, change.after, change.notice) == ("", "booked", "booked")


def test_pressed_twice_it_is_one_seat():
    session, buyer = make_session(), BuyerFactory()

    first = book(session, buyer)
    again = book(session, buyer)

    assert (first.is_new, again.is_new) == (True, False)
    assert again.booking == first.booking
    assert taken(session) == 1
    assert Event.objects.filter(kind="booked").count() == 1


def test_who_comes_too_late_waits_and_knows_her_place():
    session = make_session(capacity=1)
    book(session)

    second, third = book(session), book(session)

    assert [second.state, third.state] == ["waiting", "waiting"]
    assert [second.position, third.position] == [1, 2]
    assert taken(session) == 1
    assert Event.objects.filter(kind="waitlisted").count() == 2


def test_without_a_waiting_list_it_is_full():
    session = make_session(capacity=1, has_waiting_list=False)
    book(session)
    assert refusal(lambda: book(session)) == "full"


def test_who_does_not_want_to_wait_is_told_that_it_is_full(django_assert_num_queries):
    session, buyer = make_session(capacity=1), BuyerFactory()
    book(session)
    with django_assert_num_queries(2):
        assert refusal(lambda: book(session, buyer, wait=False)) == "full"
    assert not Seat.objects.filter(buyer=buyer).exists()


def test_a_company_gets_all_its_seats_or_none():
    session, company = make_session(capacity=4), AccountFactory()
    book_for(session, company, 3)

    other = book_for(session, AccountFactory(), 2)

    assert state(other) == "waiting"
    assert taken(session) == 3


def test_a_smaller_booking_may_pass_one_that_does_not_fit():
    """The one seat left is of no use to a company that wants two."""
    session = make_session(capacity=2)
    book(session)
    pair = book_for(session, AccountFactory(), 2)

    single = book(session)

    assert (state(pair), state(single)) == ("waiting", "booked")


def test_a_booking_for_several_is_repeated_by_its_key():
    session, company, key = make_session(capacity=5), AccountFactory(), uuid4()
    people = [Guest(BuyerFactory(account=company).pk), Guest(name="The new one")]

    def deed():
        return seats.book(session.pk, people, Act(NOON), account_id=company.pk, key=key)

    first, again = deed(), deed()

    assert first.booking == again.booking
    assert (taken(session), Booking.objects.count()) == (2, 1)


def test_a_company_has_no_more_seats_than_it_may():
    session, company = make_session(capacity=9, seats_per_account=2), AccountFactory()
    book_for(session, company, 2)

    assert refusal(lambda: book_for(session, company, 1)) == "company_limit"
    one_more = book(session, BuyerFactory(account=company), act=by_staff())
    assert state(one_more) == "booked"


def test_places_in_the_queue_count_for_the_company_too():
    session = make_session(capacity=2, seats_per_account=2)
    book(session)
    company = AccountFactory()
    assert state(book_for(session, company, 2)) == "waiting"
    assert refusal(lambda: book_for(session, company, 1)) == "company_limit"


@pytest.mark.parametrize(
    ("fields", "at", "why"),
    [
        ({"state": "cancelled"}, NOON, "cancelled"),
        ({"bookable_from": NOON + HOUR}, NOON, "not_open"),
        ({"bookable_until": NOON - HOUR}, NOON, "closed"),
        ({}, STARTS, "closed"),
    ],
)
def test_it_can_be_booked_only_while_it_may(fields, at, why):
    session = make_session(**fields)
    assert refusal(lambda: book(session, at=at)) == why
    assert taken(session) == 0


def test_staff_may_book_outside_of_the_window_but_not_beyond_the_seats():
    session = make_session(capacity=1, bookable_until=NOON - HOUR)

    assert state(book(session, act=by_staff())) == "booked"
    assert state(book(session, act=by_staff())) == "waiting"
    assert refusal(lambda: book(session, act=by_staff(STARTS))) == "closed"


def test_more_than_there_are_can_never_be_had():
    session = make_session(capacity=2)
    assert refusal(lambda: book_for(session, AccountFactory(), 3)) == "too_many"


def test_a_visit_is_for_the_customer_visited():
    host = AccountFactory()
    session = make_session(kind="at_customer", account=host)
    assert refusal(lambda: book(session)) == "not_for_them"
    assert state(book(session, BuyerFactory(account=host))) == "booked"


def test_who_has_left_the_company_is_not_booked():
    session = make_session()
    gone = BuyerFactory(active=False)
    assert refusal(lambda: book(session, gone)) == "inactive"


def test_a_colleague_already_there_is_not_booked_again_with_others():
    session, company = make_session(capacity=5), AccountFactory()
    colleague = BuyerFactory(account=company)
    book(session, colleague)
    both = [Guest(colleague.pk), Guest(BuyerFactory(account=company).pk)]
    deed = lambda: seats.book(  # noqa: E731
        session.pk, both, Act(NOON), account_id=company.pk
    )
    assert refusal(deed) == "already"
    assert taken(session) == 1


def test_who_cancelled_may_book_again():
    session, buyer = make_session(), BuyerFactory()
    seats.cancel(book(session, buyer).seats[0], Act(NOON))

    again = book(session, buyer)

    assert again.is_new
    assert taken(session) == 1


def test_held_seats_are_confirmed_together():
    session, company = make_session(capacity=3), AccountFactory()
    held = seats.hold(
        session.pk,
        [Guest(), Guest(), Guest()],
        Act(NOON),
        account_id=company.pk,
        until=NOON + HOUR,
    )
    assert (state(held), taken(session)) == ("held", 3)

    seats.confirm(held.booking, Act(NOON + HOUR / 2))
    seats.confirm(held.booking, Act(NOON + HOUR / 2))

    assert (state(held), taken(session)) == ("booked", 3)


def test_a_hold_that_ran_out_is_gone_and_its_seats_are_free():
    session, company = make_session(capacity=1), AccountFactory()
    held = seats.hold(
        session.pk, [Guest()], Act(NOON), account_id=company.pk, until=NOON + HOUR
    )
    waiting = book(session)
    later = NOON + 2 * HOUR

    why = refusal(lambda: seats.confirm(held.booking, Act(later)))
    seats.sweep(later)

    assert (why, state(held), state(waiting)) == ("gone", "expired", "offered")
    assert taken(session) == 1


def test_a_seat_without_a_name_is_given_to_a_buyer():
    session, company = make_session(), AccountFactory()
    booked = seats.book(
        session.pk, [Guest(name="Somebody")], Act(NOON), account_id=company.pk
    )
    buyer = BuyerFactory(account=company)

    seats.assign(booked.seats[0], Guest(buyer.pk), Act(NOON + DAY))

    (seat,) = Seat.objects.filter(buyer=buyer)
    assert seat.changes.filter(notice="booked").count() == 2
    stranger = Guest(BuyerFactory().pk)
    assert refusal(lambda: seats.assign(seat, stranger, Act(NOON))) == "not_yours"


def test_an_old_form_does_not_write_an_old_count_back():
    session = make_session(capacity=5)
    opened = type(session).objects.get(pk=session.pk)
    book(session)

    opened.place = "Room 2"
    opened.capacity = 1
    opened.save()

    session.refresh_from_db()
    assert (session.place, session.capacity, taken(session)) == ("Room 2", 5, 1)


def test_the_time_of_a_session_follows_its_clock():
    session = make_session()
    assert session.starts_at == STARTS
    session.day = session.day + timedelta(days=21)  # summer time by then
    session.save()
    assert session.starts_at == STARTS + timedelta(days=21, hours=-1)
