"""Changing and calling off a session, and who is told of it."""

from datetime import date, time

import pytest

from campaigns.training import changes, seats
from campaigns.training.seats import Act, Refused
from tests.campaigns.training.scenes import (
    DAY,
    HOUR,
    NOON,
    STARTS,
    book,
    by_staff,
    make_pool,
    make_session,
    seat_of,
    state,
    taken,
)

pytestmark = pytest.mark.django_db


def told(booked):
    return seat_of(booked).changes.first().notice


def test_a_new_time_concerns_everybody_who_reckons_with_it():
    session = make_session(capacity=1)
    holder, waiting = book(session), book(session)
    seats.reconfirm(seat_of(holder), Act(NOON), coming=True)

    changes.revise(session.pk, by_staff(), day=date(2026, 3, 12), hour=time(16))

    session.refresh_from_db()
    assert session.starts_at == STARTS + 2 * DAY + 6 * HOUR
    assert (session.revision, seat_of(holder).revision) == (1, 1)
    assert (told(holder), told(waiting)) == ("changed", "changed")
    assert (state(holder), state(waiting)) == ("booked", "waiting")
    assert seat_of(holder).reconfirmed_at is None


def test_what_is_no_change_tells_nobody():
    session = make_session()
    holder = book(session)
    changes.revise(session.pk, by_staff(), day=session.day, place=session.place)
    session.refresh_from_db()
    assert (session.revision, told(holder)) == (0, "booked")


def test_another_meeting_address_tells_nobody():
    """Invitations hold an address of ours that leads there."""
    session = make_session()
    holder = book(session)
    changes.revise(session.pk, by_staff(), join_url="https://meet.example/2")
    session.refresh_from_db()
    assert session.join_url == "https://meet.example/2"
    assert (session.revision, told(holder)) == (0, "booked")


def test_another_place_keeps_her_word_that_she_comes():
    session = make_session(kind="on_site", place="Room 1")
    holder = book(session)
    seats.reconfirm(seat_of(holder), Act(NOON), coming=True)
    changes.revise(session.pk, by_staff(), place="Room 2")
    assert told(holder) == "changed"
    assert seat_of(holder).reconfirmed_at == NOON


def test_it_cannot_be_put_into_the_past():
    session = make_session()
    with pytest.raises(Refused) as caught:
        changes.revise(session.pk, by_staff(), day=date(2026, 3, 1))
    assert caught.value.why == "past"
    session.refresh_from_db()
    assert session.starts_at == STARTS


def test_an_offer_never_outlasts_the_new_start():
    session = make_session(capacity=1, claim_hours=200)
    holder, waiting = book(session), book(session)
    seats.cancel(seat_of(holder), Act(NOON))

    changes.revise(session.pk, by_staff(), day=date(2026, 3, 4))

    session.refresh_from_db()
    assert seat_of(waiting).expires_at == session.starts_at


def test_seats_and_pool_change_with_the_rest_or_not_at_all():
    pool, session = make_pool(capacity=5), make_session(capacity=2)
    book(session), book(session)
    waiting = book(session)

    changes.revise(session.pk, by_staff(), capacity=3, pool=pool, place="Room 2")
    session.refresh_from_db()
    assert (session.capacity, session.pool, session.place) == (3, pool, "Room 2")
    assert state(waiting) == "offered"

    with pytest.raises(Refused):
        changes.revise(session.pk, by_staff(), capacity=1, place="Room 3")
    session.refresh_from_db()
    assert (session.capacity, session.place) == (3, "Room 2")


def test_called_off_everybody_is_told_and_nobody_has_a_seat():
    session = make_session(capacity=1)
    holder, waiting = book(session), book(session)

    assert changes.cancel(session.pk, by_staff(reason="The trainer is ill.")) == 2
    assert changes.cancel(session.pk, by_staff()) == 0

    session.refresh_from_db()
    assert (session.is_cancelled, session.cancel_reason) == (
        True,
        "The trainer is ill.",
    )
    assert (state(holder), state(waiting)) == ("cancelled", "cancelled")
    assert (told(holder), told(waiting), taken(session)) == ("off", "off", 0)
    assert seat_of(holder).revision == 1


def test_a_session_that_was_held_cannot_be_called_off():
    session = make_session()
    seats.check_in(seat_of(book(session)), Act(STARTS))
    with pytest.raises(Refused):
        changes.cancel(session.pk, by_staff(STARTS))


def test_seats_freed_by_calling_one_date_off_go_to_another_of_the_pool():
    pool = make_pool(capacity=1)
    monday, tuesday = make_session(1, pool=pool), make_session(1, pool=pool)
    book(monday)
    waiting = book(tuesday)
    changes.cancel(monday.pk, by_staff())
    assert state(waiting) == "offered"
