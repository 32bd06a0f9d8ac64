"""What nobody should type, press twice or ask for: answered, and nothing lost."""

from datetime import date, time
from uuid import uuid4

import pytest
from django.urls import reverse

from campaigns.training import changes
from campaigns.training.models import Course, Seat, Session
from tests.campaigns.training.pages.conftest import enter
from tests.campaigns.training.scenes import NOON, book, by_staff, make_session, seat_of
from tests.factories import BuyerFactory

pytestmark = pytest.mark.django_db
ODD = ["9" * 30, "-1", "٣", "²", "", "abc", "\0", "x" * 20_000]


@pytest.fixture(autouse=True)
def today(now):
    return now


def at(name, *args):
    return reverse(f"training-staff:{name}", args=args)


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_values_at_the_staffs_pages_are_answered(manager, odd):
    session = make_session()
    seat = seat_of(book(session))
    deeds = {
        at("move-seat", seat.pk): {"to": odd},
        at("prefer-seat", seat.pk): {"priority": odd, "reason": odd},
        at("correct", seat.pk): {"after": odd, "reason": odd},
        at("walk-in", session.pk): {"buyer": odd, "name": odd},
        at("resize", session.pk): {"capacity": odd},
        at("share", session.pk): {"pool": odd},
        at("add-people", session.pk): {"people": odd, "key": odd},
        at("copy", session.pk): {"day": odd, "hour": odd},
        at("series", session.pk): {"first_day": odd, "last_day": odd, "weekdays": odd},
        at("reschedule", session.pk): {"day": odd, "hour": odd, "zone": odd},
    }
    for url, said in deeds.items():
        assert manager.post(url, said).status_code < 500, url
    assert Session.objects.get().capacity in {2, 3}
    for name in ("results", "names", "results-csv", "names-csv", "sessions"):
        for asked in ("session", "course", "trainer", "page", "by", "list", "month"):
            answer = manager.get(at(name), {"list": "told", asked: odd[:2000]})
            assert answer.status_code < 500, (name, asked)


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_values_at_the_customers_pages_are_answered(client, odd):
    session = make_session(capacity=5)
    seat = seat_of(book(session))
    enter(client, seat.buyer)
    deeds = {
        ("book", session.uuid): {"seats": odd, "names": odd, "key": odd},
        ("move", seat.uuid): {"to": odd},
        ("feedback", seat.uuid): {"rating": odd, "answer": odd, "barrier": odd},
        ("watch", session.uuid): {"percent": odd},
        ("reconfirm", seat.uuid): {"of": odd},
    }
    for (name, uuid), said in deeds.items():
        url = reverse(f"training:{name}", args=[uuid])
        answer = client.post(url, {"of": str(seat.buyer.uuid), **said})
        assert answer.status_code < 500, name
    seat.refresh_from_db()
    assert seat.state == "booked"


@pytest.mark.parametrize(
    "year", ["0001-01-01", "1999-12-31", "2200-01-01", "9999-12-31"]
)
def test_a_year_that_is_a_slip_is_asked_again(manager, year):
    session = make_session()
    deeds = {
        "copy": {"day": year, "hour": "10:00"},
        "reschedule": {
            "day": year,
            "hour": "23:59",
            "minutes": 1440,
            "zone": "Pacific/Kiritimati",
        },
        "series": {"first_day": year, "last_day": year, "weekdays": ["0"]},
    }
    for name, said in deeds.items():
        answer = manager.post(at(name, session.pk), said)
        assert answer.status_code == 400, name
        assert "between the years 2000 and 2199" in answer.content.decode()
    assert Session.objects.count() == 1


def planned(day, hour):
    course, _new = Course.objects.get_or_create(title="First order")
    return {
        "course": course.pk,
        "kind": "webinar",
        "currency": "EUR",
        "day": day.isoformat(),
        "hour": hour.isoformat("minutes"),
        "minutes": 60,
        "zone": "Europe/Madrid",
        "capacity": 5,
        "claim_hours": 24,
        "cancel_hours": 0,
    }


@pytest.mark.parametrize(
    ("day", "starts"),
    [
        (date(2026, 3, 29), "2026-03-29T01:30"),  # that hour does not exist
        (date(2026, 10, 25), "2026-10-25T00:30"),  # that hour comes twice
    ],
)
def test_an_hour_that_the_clock_skips_or_repeats_can_be_planned(manager, day, starts):
    manager.post(at("add"), planned(day, time(2, 30)))
    session = Session.objects.get()
    assert session.starts_at.isoformat().startswith(starts)
    assert manager.get(at("session", session.pk)).status_code == 200


def test_every_form_pressed_twice_plans_once(manager):
    session = make_session()
    series = {"first_day": "2026-05-01", "last_day": "2026-05-31", "weekdays": ["1"]}
    for _ in range(2):
        said = {"day": "2026-04-01", "hour": "10:00"}
        manager.post(at("copy", session.pk), said)
    assert Session.objects.count() == 2
    for _ in range(2):
        manager.post(at("series", session.pk), {**series, "every_weeks": 1})
    assert Session.objects.count() == 6


def test_nothing_is_booked_in_a_session_that_was_called_off(client):
    session = make_session(capacity=5)
    seat = seat_of(book(session))
    changes.cancel(session.pk, by_staff(NOON, reason="The trainer is ill"))
    enter(client, seat.buyer)
    of = {"of": str(seat.buyer.uuid), "seats": 1, "myself": "on", "key": str(uuid4())}
    for name in ("seat", "join", "calendar", "feedback"):
        url = reverse(f"training:{name}", args=[seat.uuid])
        assert client.get(url).status_code in {200, 302}, name
    for name in ("accept", "cancel", "reconfirm", "enter"):
        client.post(reverse(f"training:{name}", args=[seat.uuid]), of)
    client.post(reverse("training:book", args=[session.uuid]), of)
    assert set(Seat.objects.values_list("state", flat=True)) == {"cancelled"}


def test_a_trainer_reaches_nothing_of_others(trainer):
    session = make_session()
    seat = seat_of(book(session, BuyerFactory()))
    for name, key in (
        *(("session", session.pk), ("door", session.pk), ("people-csv", session.pk)),
        *(("scan", seat.uuid), ("attendance", session.pk), ("share", session.pk)),
        *(("withdraw-links", seat.pk), ("edit", session.pk)),
    ):
        assert trainer.get(at(name, key)).status_code in {403, 404}, name
    for name, key in (
        *(("check-in", seat.pk), ("correct", seat.pk), ("prefer-seat", seat.pk)),
        *(("cancel-seat", seat.pk), ("withdraw-links", seat.pk)),
        *(("walk-in", session.pk), ("close", session.pk), ("cancel", session.pk)),
    ):
        assert trainer.post(at(name, key)).status_code in {403, 404}, name
    for name in ("results", "names", "results-csv", "names-csv", "add"):
        assert trainer.get(at(name)).status_code == 403, name
    seat.refresh_from_db()
    assert seat.state == "booked"
