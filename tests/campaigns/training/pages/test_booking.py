"""Choosing a date, on the page: one seat, several, the queue, twice, too late."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from campaigns.training.models import Seat
from tests.campaigns.training.scenes import DAY, NOON, STARTS, book, make_session, taken
from tests.factories import AccountFactory, BuyerFactory

pytestmark = pytest.mark.django_db


def press(visitor, session, **said):
    data = {"seats": "1", "names": "", "myself": "on", "key": str(uuid4()), **said}
    return visitor.post(reverse("training:book", args=[session.uuid]), data)


def text(response):
    return " ".join(response.content.decode().split())


def test_the_page_lists_dates_and_how_full_they_are(visitor):
    make_session(capacity=3)
    full = make_session(capacity=1, day=date(2026, 3, 12))
    book(full)
    book(full)
    page = text(visitor.get(reverse("training:dates")))
    assert "3 seats left" in page
    assert "Full, 1 person is waiting" in page


def test_without_dates_the_page_says_what_to_do(visitor):
    page = text(visitor.get(reverse("training:dates")))
    assert "No dates at the moment" in page
    assert "+34 976 000 000" in page


def test_pressing_books_and_pressing_again_books_nothing_more(visitor, ana):
    session = make_session()
    key = str(uuid4())
    first = press(visitor, session, key=key)
    second = press(visitor, session, key=key)
    seat = Seat.objects.get(buyer=ana)
    assert first.url == second.url == reverse("training:seat", args=[seat.uuid])
    assert taken(session) == 1
    assert "Your seat is booked" in text(visitor.get(first.url))


def test_pressing_in_two_windows_books_once(visitor, ana):
    session = make_session()
    press(visitor, session)
    again = press(visitor, session)
    assert again.status_code == 302
    assert Seat.objects.filter(buyer=ana).count() == 1


def test_several_seats_are_one_booking(visitor, ana):
    session = make_session(capacity=4)
    press(visitor, session, seats="3", names="Eva Gil\nTom Hill")
    seats = list(session.seats.order_by("pk"))
    assert [(one.buyer_id, one.guest_name) for one in seats] == [
        (ana.pk, ""),
        (None, "Eva Gil"),
        (None, "Tom Hill"),
    ]
    assert len({one.booking_id for one in seats}) == 1
    page = text(visitor.get(reverse("training:seat", args=[seats[0].uuid])))
    assert "3 seats are booked" in page
    assert "Eva Gil" in page


def test_for_a_colleague_only(visitor, ana):
    session = make_session()
    response = press(visitor, session, myself="", names="Eva Gil")
    seat = session.seats.get()
    assert (seat.buyer, seat.guest_name) == (None, "Eva Gil")
    assert "Eva Gil" in text(visitor.get(response.url))


def test_a_full_date_puts_her_into_the_queue_with_her_place(visitor, ana):
    session = make_session(capacity=1)
    book(session)
    book(session)
    response = press(visitor, session)
    page = text(visitor.get(response.url))
    assert "You are on the waiting list" in page
    assert "<strong>2</strong>" in page


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"seats": "0"}, "greater than or equal to 1"),
        ({"seats": "99"}, "less than or equal to"),
        ({"seats": "1", "names": "Eva\nTom"}, "more names than seats"),
        ({"seats": "2", "names": "www.evil.example"}, "link"),
    ],
)
def test_a_wrong_form_says_why_and_keeps_what_was_typed(visitor, said, sentence):
    session = make_session(capacity=5)
    response = press(visitor, session, **said)
    assert response.status_code == 400
    assert sentence in text(response)
    assert said.get("names", "").split("\n")[0] in text(response)
    assert taken(session) == 0


def test_what_cannot_be_is_said_on_the_same_page(visitor, now):
    session = make_session(seats_per_account=1)
    press(visitor, session)
    response = press(visitor, session, myself="", names="Eva")
    assert response.status_code == 409
    assert "all the seats that one company can have" in text(response)


@pytest.mark.parametrize(
    ("fields", "at", "sentence"),
    [
        ({"bookable_from": NOON + DAY}, NOON, "Booking opens on"),
        ({"bookable_until": NOON + DAY}, NOON + 2 * DAY, "Booking for this session"),
        ({}, STARTS + timedelta(minutes=1), "is over, or has begun"),
        ({"state": "cancelled"}, NOON, "This session was cancelled"),
    ],
)
def test_a_date_that_cannot_be_booked_says_why(visitor, now, fields, at, sentence):
    session = make_session(**fields)
    now.at = at
    page = visitor.get(reverse("training:session", args=[session.uuid]))
    assert sentence in text(page)
    assert b'id="book"' not in page.content
    assert press(visitor, session).status_code == 409


def test_a_full_date_without_a_queue_offers_none(visitor):
    session = make_session(capacity=1, has_waiting_list=False)
    book(session)
    page = text(visitor.get(reverse("training:session", args=[session.uuid])))
    assert "no waiting list" in page


def test_a_visit_to_another_company_is_not_hers_to_see(visitor):
    other = AccountFactory()
    session = make_session(kind="at_customer", account=other)
    url = reverse("training:session", args=[session.uuid])
    assert visitor.get(url).status_code == 404
    assert b"First order" not in visitor.get(reverse("training:dates")).content


def test_times_are_shown_in_both_zones_where_they_differ(visitor, ana):
    ana.time_zone = "Atlantic/Canary"
    ana.save()
    make_session()
    page = text(visitor.get(reverse("training:dates")))
    assert "10:00–11:00 (Madrid time)" in page
    assert "09:00–10:00 (Canary time)" in page


def test_the_list_of_dates_costs_the_same_for_one_and_for_many(
    visitor, django_assert_max_num_queries
):
    for day in range(10, 25):
        book(make_session(day=date(2026, 3, day)), BuyerFactory())
    with django_assert_max_num_queries(9):
        visitor.get(reverse("training:dates"))
