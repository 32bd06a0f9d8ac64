"""What the review foretells of steps that wait for the start or end of a session."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.journal import clock
from accounts.staff.models import Role
from campaigns.sequences.models import Enrolment
from campaigns.sequences.planning import drafts, forecast
from campaigns.sequences.sending import anchors
from campaigns.training.anchors import BOOKED, END, KNOWN, START
from tests.campaigns.sequences import scenes
from tests.campaigns.training.scenes import DAY, HOUR, NOON, STARTS, book, make_session
from tests.campaigns.training.staff.conftest import client_of
from tests.factories import PermissionFactory

pytestmark = pytest.mark.django_db

DAY_BEFORE = {"anchor": START, "anchor_minutes": -24 * 60, "late_after_hours": 12}
HOUR_AFTER = {"anchor": END, "anchor_minutes": 60}
KNOWN_AFTER = {"anchor": KNOWN, "anchor_minutes": 60}
THEN = {"wait_days": 2}


def plan(*steps, entry=""):
    texts = [
        {"message": scenes.make_message(purpose="service"), **step} for step in steps
    ]
    campaign = scenes.make_campaign(*texts, goal="none", entry=entry)
    return campaign, list(drafts.version_of(campaign).steps.all())


def foretold(campaign, steps, *buyers, at=NOON):
    found = forecast.of(campaign, steps, buyers, at)
    return [[due.at for due in one.dues] for one in found]


def person():
    return PermissionFactory().buyer


def test_who_has_a_seat_is_foretold_by_her_session():
    campaign, steps = plan(DAY_BEFORE, HOUR_AFTER)
    buyer, without = person(), person()
    book(make_session(), buyer)
    assert foretold(campaign, steps, buyer, without) == [
        [STARTS - DAY, STARTS + 2 * HOUR],
        [None, None],
    ]


def test_the_first_session_ahead_counts_for_all_its_steps():
    campaign, steps = plan(DAY_BEFORE, HOUR_AFTER)
    buyer = person()
    book(make_session(day=date(2026, 3, 17)), buyer)
    book(make_session(), buyer)
    assert foretold(campaign, steps, buyer) == [[STARTS - DAY, STARTS + 2 * HOUR]]


def test_what_nobody_knows_yet_is_not_made_up():
    campaign, steps = plan(DAY_BEFORE, KNOWN_AFTER, THEN)
    buyer = person()
    book(make_session(), buyer)
    assert foretold(campaign, steps, buyer) == [[STARTS - DAY, None, None]]


def test_a_wait_after_an_anchored_step_is_reckoned_from_it():
    campaign, steps = plan(DAY_BEFORE, THEN)
    buyer = person()
    book(make_session(), buyer)
    ((first, second),) = foretold(campaign, steps, buyer)
    assert first == STARTS - DAY
    assert second.date() == (STARTS + DAY).date()


@pytest.mark.parametrize(("early", "goes"), [(20 * HOUR, True), (2 * HOUR, False)])
def test_a_reminder_is_late_only_so_long(early, goes):
    campaign, steps = plan(DAY_BEFORE)
    buyer = person()
    book(make_session(), buyer)
    at = STARTS - early
    assert foretold(campaign, steps, buyer, at=at) == [[at if goes else None]]


def test_what_is_foretold_is_what_is_planned():
    campaign, steps = plan(DAY_BEFORE, HOUR_AFTER, entry=BOOKED)
    buyer = person()
    book(make_session(), buyer)
    ((first, _second),) = foretold(campaign, steps, buyer)
    scenes.start(campaign, NOON)
    anchors.follow(NOON)
    assert Enrolment.objects.get().due_at == first


def test_a_campaign_that_takes_in_who_books_counts_who_has():
    campaign, steps = plan(DAY_BEFORE, entry=BOOKED)
    book(make_session(), person())
    person()
    assert [wave.buyers for wave in forecast.waves(campaign, steps, NOON)] == [1]


def test_the_review_shows_a_time_or_what_it_waits_for(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    campaign, _steps = plan(DAY_BEFORE, HOUR_AFTER)
    book(make_session(), person())
    person()
    manager = client_of(Role.MARKETING_MANAGER)
    url = reverse("admin:sequences_campaign_review", args=[campaign.pk])
    page = " ".join(manager.get(url).content.decode().split())
    people = page.partition('id="people"')[2]
    assert "Mon 9 Mar 10:00" in people
    assert "1 day before the start of the booked session" in people
    assert "1 hour after the end of the booked session" in people


def test_the_number_of_statements_does_not_grow(django_assert_num_queries):
    campaign, steps = plan(DAY_BEFORE, HOUR_AFTER)
    people = [person() for _ in range(6)]
    session = make_session(capacity=9)
    for buyer in people:
        book(session, buyer)
    forecast.of(campaign, steps, people[:1], NOON)
    with django_assert_num_queries(3):
        forecast.of(campaign, steps, people, NOON + timedelta(hours=1))
