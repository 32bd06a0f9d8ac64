"""The message of a step as a buyer gets it who has booked a session."""

import pytest
from django.core import mail
from django.urls import reverse

from accounts.journal import clock
from accounts.staff.models import Role
from campaigns.sequences.planning import preview
from campaigns.training.anchors import END, START
from campaigns.training.models import Course
from tests.campaigns.sequences import scenes
from tests.campaigns.training.scenes import DAY, NOON, book, make_session
from tests.campaigns.training.staff.conftest import client_of
from tests.factories import PermissionFactory

pytestmark = pytest.mark.django_db
TEXT = "{{ session.title }}, {{ session.date }}, {{ session.time }}"
SAMPLE = "Your first online order, Tuesday, 10 March 2026"


@pytest.fixture
def step(db):
    message = scenes.make_message(text=TEXT, purpose="service")
    campaign = scenes.make_campaign(
        {"message": message, "anchor": START, "anchor_minutes": -60}, goal="none"
    )
    return campaign.versions.get().steps.get()


@pytest.fixture
def ana(db):
    return PermissionFactory(buyer__language="en").buyer


def seat(buyer, title, day):
    session = make_session(course=Course.objects.create(title=title), day=day)
    book(session, buyer, at=NOON - DAY)
    return session


def shown(step, buyer, at=NOON):
    return preview.compose_for(step, buyer, at=at).text


def test_it_tells_of_the_session_that_she_has_booked(step, ana):
    seat(ana, "Returns", (NOON + 14 * DAY).date())
    seat(ana, "Quick order", (NOON + 7 * DAY).date())
    assert "Quick order, Monday, 9 March 2026, 10:00 (Madrid)" in shown(step, ana)


def test_who_has_none_sees_an_example(step, ana):
    seat(PermissionFactory().buyer, "Hers alone", (NOON + 7 * DAY).date())
    assert SAMPLE in shown(step, ana)
    assert SAMPLE in shown(step, None)


def test_it_is_the_session_of_the_first_anchor_that_lies_ahead(step, ana):
    running = seat(ana, "Running now", NOON.date())
    seat(ana, "Quick order", (NOON + 7 * DAY).date())
    at = running.starts_at
    assert "Quick order" in shown(step, ana, at)
    step.anchor = END
    step.save()
    assert "Running now" in shown(step, ana, at)


def test_the_review_and_the_test_mail_show_it(step, ana, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    seat(ana, "Quick order", (NOON + 7 * DAY).date())
    manager = client_of(Role.MARKETING_MANAGER)
    campaign = step.version.campaign_id
    asked = {"step": step.pk, "buyer": ana.pk}
    page = reverse("admin:sequences_campaign_review", args=[campaign])
    assert "Quick order, Monday" in manager.get(page, asked).content.decode()
    test = reverse("admin:sequences_campaign_test", args=[campaign, step.pk])
    manager.post(test, {"buyer": ana.pk})
    assert "Quick order, Monday" in mail.outbox[0].body


def test_a_message_that_names_no_session_asks_for_none(
    step, ana, django_assert_num_queries
):
    step.message.texts.update(body="Hello {{ buyer.first_name }}")
    with django_assert_num_queries(3):
        shown(step, ana)
