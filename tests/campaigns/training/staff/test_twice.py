"""Dates planned by two presses at the same instant: planned once."""

from datetime import date, time
from threading import Barrier, local

import pytest
from django.urls import reverse

from accounts.journal import clock
from accounts.staff.models import Role
from campaigns.training import dates
from campaigns.training.models import Series, Session
from tests.campaigns.training.scenes import make_session
from tests.races import at_once

from .conftest import client_of
from .test_strangers import planned

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def unguarded(monkeypatch):
    """Nobody waits, and both have looked before either saves: the negative control."""
    together, own = Barrier(2), local()

    def look_first(look):
        def looking(*args):
            found = look(*args)
            seen = [one.pk for one in found] if hasattr(found, "query") else None
            if not hasattr(own, "looked"):
                own.looked = together.wait(timeout=10)
            return found if seen is None else Session.objects.filter(pk__in=seen)

        return looking

    monkeypatch.setattr(dates, "_one_after_another", lambda _session: None)
    monkeypatch.setattr(dates, "_same", look_first(dates._same))
    monkeypatch.setattr(dates, "_date", look_first(dates._date))


def press_at_once(name, said, *args):
    clients = [client_of(Role.MARKETING_MANAGER) for _ in range(2)]
    url = reverse(f"training-staff:{name}", args=args)
    answers = at_once(lambda: clients.pop().post(url, said).status_code)
    assert answers == [302, 302]


@pytest.fixture
def first(db):
    """Of a series already: repeating it again changes nothing of its own."""
    session = make_session()
    rule = {"first_day": session.day, "last_day": session.day, "weekdays": [1]}
    session.series = Series.objects.create(course=session.course, **rule)
    session.series_day = session.day
    session.save()
    return session


ONCE = {"day": "2026-04-01", "hour": "10:00"}
SERIES = {
    "first_day": "2026-05-01",
    "last_day": "2026-05-31",
    "weekdays": ["1"],
    "every_weeks": 1,
}


def test_a_new_session_is_planned_once():
    press_at_once("add", planned(date(2026, 4, 1), time(10)))
    assert Session.objects.count() == 1


def test_a_copy_is_made_once(first):
    press_at_once("copy", ONCE, first.pk)
    assert Session.objects.count() == 2


def test_a_series_is_made_once(first):
    press_at_once("series", SERIES, first.pk)
    assert Session.objects.count() == 5


def test_without_the_guard_all_would_be_there_twice(first, unguarded):
    press_at_once("copy", ONCE, first.pk)
    assert Session.objects.count() == 3


def test_without_the_guard_a_series_would_be_there_twice(first, unguarded):
    press_at_once("series", SERIES, first.pk)
    assert Session.objects.count() == 9


def test_without_the_guard_a_new_session_would_be_there_twice(unguarded):
    press_at_once("add", planned(date(2026, 4, 1), time(10)))
    assert Session.objects.count() == 2


def test_the_same_planned_again_later_is_another_session(monkeypatch):
    client, told = client_of(Role.MARKETING_MANAGER), clock.now
    said = planned(date(2026, 4, 1), time(10))
    url = reverse("training-staff:add")
    assert client.post(url, said).url == client.post(url, said).url
    assert Session.objects.count() == 1
    monkeypatch.setattr(clock, "now", lambda: told() + 2 * dates.ONE_PRESS)
    client.post(url, said)
    assert Session.objects.count() == 2
