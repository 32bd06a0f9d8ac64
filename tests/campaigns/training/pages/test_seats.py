"""What she can do with a seat of hers."""

from datetime import date, timedelta

import pytest
import vobject
from django.urls import reverse

from campaigns.training import changes, seats
from campaigns.training.models import Seat
from tests.campaigns.training.scenes import (
    DAY,
    NOON,
    STARTS,
    book,
    by_staff,
    make_session,
    seat_of,
    taken,
)

pytestmark = pytest.mark.django_db


def text(response):
    return " ".join(response.content.decode().split())


def page(visitor, seat):
    return text(visitor.get(reverse("training:seat", args=[seat.uuid])))


def do(visitor, deed, seat, **said):
    return visitor.post(reverse(f"training:{deed}", args=[seat.uuid]), said)


def fresh(seat):
    seat.refresh_from_db()
    return seat


@pytest.fixture
def offered(visitor, ana):
    """She waited, and somebody gave up a seat."""
    session = make_session(capacity=1)
    first = seat_of(book(session))
    hers = seat_of(book(session, ana))
    seats.cancel(first, by_staff())
    assert fresh(hers).state == Seat.State.OFFERED
    return hers


def test_an_offer_is_shown_with_its_end_and_accepted_once(visitor, offered):
    shown = page(visitor, offered)
    assert "A seat has become free for you" in shown
    assert "It is yours until" in shown
    do(visitor, "accept", offered)
    do(visitor, "accept", offered)
    assert fresh(offered).state == Seat.State.BOOKED
    assert taken(offered.session) == 1


def test_a_declined_offer_goes_to_the_next_at_once(visitor, offered):
    waiting = seat_of(book(offered.session))
    do(visitor, "decline", offered)
    assert fresh(offered).state == Seat.State.CANCELLED
    assert fresh(waiting).state == Seat.State.OFFERED
    assert "given up" in page(visitor, offered)


def test_an_offer_that_has_ended_is_gone_and_says_so(visitor, offered, now):
    now.at = offered.expires_at
    response = do(visitor, "accept", offered)
    assert response.status_code == 409
    assert "The offer has ended" in text(response)
    assert fresh(offered).state == Seat.State.EXPIRED
    assert "This offer has ended" in page(visitor, offered)


def test_she_leaves_the_queue(visitor, ana):
    session = make_session(capacity=1)
    book(session)
    hers = seat_of(book(session, ana))
    do(visitor, "cancel", hers, all="1")
    assert fresh(hers).state == Seat.State.CANCELLED


def test_she_cancels_until_the_limit_and_not_after(visitor, ana, now):
    session = make_session(cancel_hours=24)
    hers = seat_of(book(session, ana))
    now.at = STARTS - timedelta(hours=23)
    assert "too late" in page(visitor, hers)
    response = do(visitor, "cancel", hers)
    assert response.status_code == 409
    assert "too late" in text(response)
    now.at = STARTS - timedelta(hours=25)
    do(visitor, "cancel", hers)
    assert fresh(hers).state == Seat.State.CANCELLED
    assert taken(session) == 0


def test_she_moves_to_another_date_in_one_step(visitor, ana):
    session = make_session()
    other = make_session(day=date(2026, 3, 17), course=session.course)
    hers = seat_of(book(session, ana))
    assert str(other.uuid) in page(visitor, hers)
    do(visitor, "move", hers, to=str(other.uuid))
    assert fresh(hers).session == other
    assert (taken(session), taken(other)) == (0, 1)


def test_another_courses_date_is_no_place_to_move_to(visitor, ana):
    hers = seat_of(book(make_session(), ana))
    stranger = make_session(day=date(2026, 3, 17))
    assert do(visitor, "move", hers, to=str(stranger.uuid)).status_code == 404
    assert do(visitor, "move", hers, to="nowhere").status_code == 404


def test_she_says_that_she_is_coming(visitor, ana):
    hers = seat_of(book(make_session(), ana))
    do(visitor, "reconfirm", hers)
    assert fresh(hers).reconfirmed_at == NOON
    assert "we know that you are coming" in page(visitor, hers)


def test_the_calendar_file_names_her_alone_and_follows_her_seat(visitor, ana):
    session = make_session(kind="webinar", join_url="https://meet.example/secret")
    other = make_session(day=date(2026, 3, 17), course=session.course)
    hers = seat_of(book(session, ana))
    book(session)
    first = read(visitor, hers)
    do(visitor, "move", hers, to=str(other.uuid))
    second = read(visitor, hers)
    do(visitor, "cancel", hers)
    third = read(visitor, hers)
    events = [each.vevent for each in (first, second, third)]
    assert len({event.uid.value for event in events}) == 1
    numbers = [int(event.sequence.value) for event in events]
    assert numbers == sorted(set(numbers))
    assert [each.method.value for each in (first, second, third)] == [
        "REQUEST",
        "REQUEST",
        "CANCEL",
    ]
    for event in events:
        people = [person.value for person in event.attendee_list]
        assert people == ["mailto:ana@ebro.example"]
        assert "meet.example" not in event.serialize()
    assert "/join" in events[0].location.value


def read(visitor, seat):
    response = visitor.get(reverse("training:calendar", args=[seat.uuid]))
    assert response["Content-Type"].startswith("text/calendar; charset=utf-8; method=")
    return vobject.readOne(response.content.decode())


def test_who_only_waits_has_nothing_for_her_calendar(visitor, ana):
    session = make_session(capacity=1)
    book(session)
    hers = seat_of(book(session, ana))
    url = reverse("training:calendar", args=[hers.uuid])
    assert visitor.get(url).status_code == 404


def test_the_way_into_a_webinar_opens_shortly_before(visitor, ana, now):
    session = make_session(kind="webinar", join_url="https://meet.example/1")
    hers = seat_of(book(session, ana))
    url = reverse("training:join", args=[hers.uuid])
    assert b'id="enter"' not in visitor.get(url).content
    assert do(visitor, "enter", hers).url == url
    assert fresh(hers).joined_at is None

    now.at = STARTS - timedelta(minutes=20)
    shown = visitor.get(url)
    assert b'id="enter"' in shown.content
    assert b"meet.example" not in shown.content
    entered = do(visitor, "enter", hers)
    assert entered.status_code == 303
    assert entered.url == "https://meet.example/1"
    assert fresh(hers).joined_at == now.at
    assert hers.state == Seat.State.BOOKED, "a hint, no attendance"


def test_the_room_may_change_until_the_start(visitor, ana, now):
    session = make_session(kind="webinar", join_url="https://meet.example/1")
    hers = seat_of(book(session, ana))
    changes.revise(session.pk, by_staff(), join_url="https://other.example/2")
    now.at = STARTS
    assert do(visitor, "enter", hers).url == "https://other.example/2"


def test_a_cancelled_session_says_so_and_offers_other_dates(visitor, ana):
    session = make_session()
    other = make_session(day=date(2026, 3, 17), course=session.course)
    hers = seat_of(book(session, ana))
    changes.cancel(session.pk, by_staff(reason="The trainer is ill."))
    shown = page(visitor, hers)
    assert "This session was cancelled" in shown
    assert "The trainer is ill." in shown
    assert str(other.uuid) in shown


def test_a_door_shows_her_code_and_a_webinar_none(visitor, ana):
    here = seat_of(book(make_session(kind="on_site", place="Zaragoza"), ana))
    there = seat_of(book(make_session(day=date(2026, 3, 12)), ana))
    assert "<svg" in page(visitor, here)
    assert "<svg" not in page(visitor, there)


def test_after_it_she_is_thanked_or_missed(visitor, ana, now):
    session = make_session()
    other = make_session(day=date(2026, 3, 17), course=session.course)
    hers = seat_of(book(session, ana))
    now.at = STARTS + DAY
    assert "This session is over" in page(visitor, hers)
    seats.check_in(hers, by_staff(now.at))
    assert "Thank you for coming" in page(visitor, hers)
    seats.correct(hers, Seat.State.NO_SHOW, by_staff(now.at))
    shown = page(visitor, hers)
    assert "We missed you" in shown
    assert str(other.uuid) in shown


def test_a_company_gives_up_one_seat_or_all(visitor, ana):
    session = make_session(capacity=3)
    visitor.post(
        reverse("training:book", args=[session.uuid]),
        {
            "seats": "3",
            "myself": "on",
            "names": "Eva\nTom",
            "key": "8a0d7e1e-6f7e-4d7a-9a53-2f3c40f0b8a1",
        },
    )
    mine, eva, _tom = session.seats.order_by("pk")
    do(visitor, "cancel", eva)
    assert taken(session) == 2
    do(visitor, "cancel", mine, all="1")
    assert taken(session) == 0
