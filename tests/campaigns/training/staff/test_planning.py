"""Planning dates, and booking people into them, in the admin."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse

from accounts.staff.models import Role
from campaigns.training import changes
from campaigns.training.models import Course, Seat, Session
from tests.campaigns.training.scenes import (
    NOON,
    STARTS,
    book,
    by_staff,
    make_session,
    seat_of,
)
from tests.factories import AccountFactory, BuyerFactory

from .conftest import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(now):
    return now


def text(response):
    return " ".join(response.content.decode().split())


def post(client, name, session, follow=True, **said):
    url = reverse(f"training-staff:{name}", args=[session.pk])
    return client.post(url, said, follow=follow)


def page(client, session):
    return text(client.get(reverse("training-staff:session", args=[session.pk])))


def calendar(client, **query):
    return text(client.get(reverse("training-staff:sessions"), query))


def test_without_sessions_the_calendar_says_how_to_begin(manager):
    assert "No session yet" in calendar(manager)


def test_it_opens_at_the_next_session_though_that_is_next_month(manager):
    gone, coming = (Course.objects.create(title=one) for one in ("Gone", "Next one"))
    make_session(course=gone, day=date(2026, 2, 12))
    make_session(course=coming, day=date(2026, 5, 4))
    assert "Next one" in calendar(manager)


def test_a_month_without_sessions_says_so(manager):
    make_session()
    assert "There is no session in this month" in calendar(manager, month="2030-01")
    assert "First order" in calendar(manager, month="2026-03")
    assert "First order" in calendar(manager, month="rubbish")


def test_the_calendar_shows_how_full_and_what_state(manager, now):
    open_one = make_session(capacity=4)
    book(open_one)
    full = make_session(capacity=1, day=date(2026, 3, 11))
    book(full)
    book(full)
    make_session(day=date(2026, 3, 12), state="cancelled")
    make_session(day=date(2026, 3, 1))
    shown = calendar(manager, month="2026-03")
    for word in ("1 / 4", "1 waiting", "Full", "Cancelled", "Past", "Seats free"):
        assert word in shown, word


def test_the_calendar_costs_the_same_for_one_and_many(
    manager, django_assert_max_num_queries
):
    course = Course.objects.create(title="Many")
    for day in range(1, 29):
        book(make_session(course=course, day=date(2026, 4, day)))
    calendar(manager, month="2026-04")
    with django_assert_max_num_queries(8):
        calendar(manager, month="2026-04")


def test_a_session_is_planned(manager):
    course = Course.objects.create(title="First order")
    said = {
        "course": course.pk,
        "kind": "webinar",
        "day": "2026-04-14",
        "hour": "10:00",
        "minutes": "45",
        "zone": "Europe/Madrid",
        "capacity": "12",
        "claim_hours": "24",
        "cancel_hours": "2",
        "currency": "EUR",
        "has_waiting_list": "on",
    }
    url = reverse("training-staff:add")
    response = manager.post(url, said, follow=True)
    made = Session.objects.get()
    assert "can be booked" in text(response)
    assert (made.day, made.hour, made.capacity) == (date(2026, 4, 14), time(10), 12)
    wrong = manager.post(url, {**said, "zone": "Mars/Olympus"})
    assert wrong.status_code == 400
    assert "No time zone goes by this name." in text(wrong)
    assert Session.objects.count() == 1


def test_people_are_booked_in_bulk_and_each_fault_is_named(manager):
    session = make_session(capacity=2)
    ana = BuyerFactory(email="ana@ebro.example")
    book(session, BuyerFactory(email="eva@sur.example"))
    tom = BuyerFactory(account=AccountFactory(number="C-77"))
    crowd = AccountFactory(number="C-78")
    BuyerFactory(account=crowd)
    BuyerFactory(account=crowd)
    lines = "ana@ebro.example\nEVA@sur.example\nC-77\nC-78\nnobody@nowhere.example"
    response = post(manager, "add-people", session, people=lines, for_rep="on")
    said = text(response)
    assert "1 seat booked." in said
    assert "1 person put on the waiting list." in said
    assert "1 person had a seat already." in said
    assert "C-78: Several people go by this" in said
    assert "nobody@nowhere.example: Nobody goes by this" in said
    seat = Seat.objects.get(buyer=ana)
    assert (seat.state, seat.booking.source) == ("booked", "rep")
    assert Seat.objects.get(buyer=tom).state == "waiting"


def test_more_seats_are_offered_to_who_waits(manager):
    session = make_session(capacity=1)
    book(session)
    waiting = seat_of(book(session))
    post(manager, "resize", session, capacity="2")
    waiting.refresh_from_db()
    assert waiting.state == Seat.State.OFFERED
    response = post(manager, "resize", session, capacity="1")
    assert "More seats than that are taken already." in text(response)


def test_a_session_is_moved_and_everybody_told(manager):
    session = make_session()
    seat = seat_of(book(session))
    shown = manager.get(reverse("training-staff:reschedule", args=[session.pk]))
    assert "1 person has a seat" in text(shown)
    said = {
        "day": "2026-03-20",
        "hour": "11:30",
        "minutes": "60",
        "zone": "Europe/Madrid",
        "place": "",
    }
    post(manager, "reschedule", session, **said)
    session.refresh_from_db()
    assert (session.day, session.hour) == (date(2026, 3, 20), time(11, 30))
    assert seat.changes.filter(notice="changed").exists()


def test_a_session_is_cancelled_with_its_reason(manager):
    session = make_session()
    seat = seat_of(book(session))
    response = post(manager, "cancel", session, reason="The trainer is ill.")
    assert "The trainer is ill." in text(response)
    seat.refresh_from_db()
    assert seat.state == Seat.State.CANCELLED
    assert "Book seats" not in page(manager, session)


def test_an_editor_cannot_write_to_everybody(now):
    editor = client_of(Role.MARKETING_EDITOR)
    session = make_session()
    assert post(editor, "cancel", session).status_code == 403
    assert "Cancel the session" not in page(editor, session)


def test_a_copy_takes_everything_but_the_people(manager):
    session = make_session(capacity=7, bookable_from=NOON - timedelta(days=1))
    book(session)
    post(manager, "copy", session, day="2026-03-17", hour="10:00")
    twin = Session.objects.exclude(pk=session.pk).get()
    assert (twin.capacity, twin.taken) == (7, 0)
    assert twin.bookable_from == session.bookable_from + timedelta(days=7)


def test_every_tuesday_until(manager):
    session = make_session()
    said = {
        "weekdays": ["1"],
        "every_weeks": "1",
        "first_day": "2026-03-10",
        "last_day": "2026-04-30",
        "skip_holidays": "",
    }
    response = post(manager, "series", session, **said)
    days = set(Session.objects.values_list("day", flat=True))
    assert len(days) == 8
    assert {day.weekday() for day in days} == {1}
    assert "7 dates made" in text(response)
    wrong = post(manager, "series", session, **{**said, "last_day": "2026-03-01"})
    assert "lies before the first" in text(wrong)


def test_somebody_is_moved_or_freed_by_marketing(manager):
    session = make_session()
    other = make_session(day=date(2026, 3, 17), course=session.course)
    seat = seat_of(book(session))
    assert "Move to" in page(manager, session)
    url = reverse("training-staff:move-seat", args=[seat.pk])
    manager.post(url, {"to": other.pk})
    seat.refresh_from_db()
    assert seat.session == other
    assert manager.post(url, {"to": "x"}).status_code == 404
    manager.post(reverse("training-staff:cancel-seat", args=[seat.pk]))
    seat.refresh_from_db()
    assert seat.state == Seat.State.CANCELLED


def test_the_page_shows_everybody_and_costs_the_same_for_many(
    manager, now, django_assert_max_num_queries
):
    session = make_session(capacity=10)
    for _number in range(14):
        book(session)
    now.at = STARTS + timedelta(hours=2)
    shown = page(manager, session)
    assert "10 / 10" in shown
    with django_assert_max_num_queries(24):
        page(manager, session)


def test_the_list_can_be_taken_along(manager):
    session = make_session()
    book(session, BuyerFactory(first_name="=HYPERLINK()", last_name="Ruiz"))
    response = manager.get(reverse("training-staff:people-csv", args=[session.pk]))
    written = b"".join(response.streaming_content).decode()
    assert "Ruiz" in written
    assert "'=HYPERLINK" in written
    heads = written.splitlines()[0]
    for when in ("Booked", "Still coming", "Followed the join link", "Checked in"):
        assert f"{when} (Europe/Madrid)" in heads


@pytest.mark.parametrize("month", ["0001-01", "9999-12"])
def test_where_the_calendar_ends_it_opens_at_today(manager, month):
    make_session()
    assert "First order" in calendar(manager, month=month)


def test_just_after_midnight_a_new_month_has_begun(manager, now, settings):
    make_session(day=date(2026, 3, 31))
    make_session(course=Course.objects.create(title="In April"), day=date(2026, 4, 1))
    now.at = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)  # half past midnight here
    assert settings.TIME_ZONE == "Europe/Madrid"
    assert "In April" in calendar(manager)


def test_what_it_did_is_asked_of_what_has_begun_and_was_held(manager, now):
    held, off = make_session(), make_session(day=date(2026, 3, 11))
    changes.cancel(off.pk, by_staff())
    assert "What it did" not in page(manager, held)
    now.at = STARTS + timedelta(days=7)
    assert "What it did" in page(manager, held)
    assert "What it did" not in page(manager, off)
