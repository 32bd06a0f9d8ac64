from datetime import UTC, datetime, time, timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from accounts.journal.react import react_to_all
from accounts.journal.record import NewEvent, record
from campaigns.messages.models import MessageVersion
from campaigns.sequences import reasons
from campaigns.sequences.models import Campaign, CampaignAct, Delivery, Enrolment
from campaigns.sequences.planning import enrol, lifecycle
from campaigns.sequences.planning.lifecycle import CannotStart
from campaigns.sequences.sending import claim
from campaigns.sequences.sending.advance import advance
from tests.campaigns.sequences.scenes import (
    MONDAY,
    MORNING,
    make_campaign,
    make_message,
    make_people,
    start,
)
from tests.factories import UserFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db


def codes(problems):
    return [problem.code for problem in problems]


def test_starting_enrols_the_audience_at_the_hour_of_each_zone():
    madrid, lima = make_people(2)
    lima.time_zone = "America/Lima"
    lima.save()
    campaign = start(make_campaign())
    assert campaign.state == "running"
    assert campaign.audience_size == 2
    dues = dict(Enrolment.objects.values_list("buyer_id", "due_at"))
    assert dues[madrid.pk] == MORNING
    assert dues[lima.pk] == datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def test_starting_freezes_the_messages():
    make_people(1)
    campaign = start(make_campaign())
    step = campaign.versions.get().steps.get()
    assert step.message_version == MessageVersion.objects.get()
    assert campaign.versions.get().published_at == MONDAY


def test_the_audience_is_a_snapshot():
    make_people(1)
    campaign = start(make_campaign())
    make_people(1)
    advance(MORNING)
    assert campaign.enrolments.count() == 1


def test_nothing_is_due_before_the_first_sending_is_allowed():
    make_people(1)
    start(make_campaign(starts_at=MONDAY + timedelta(days=3)))
    assert Enrolment.objects.get().due_at == MORNING + timedelta(days=3)


def test_who_started_it_is_written_down():
    make_people(1)
    campaign = start(make_campaign())
    act = CampaignAct.objects.get(campaign=campaign)
    assert (act.act, act.by, act.at) == ("started", campaign.started_by, MONDAY)


def test_a_second_start_does_nothing():
    make_people(2)
    campaign = start(make_campaign())
    assert not lifecycle.start(campaign, UserFactory(), MONDAY)
    assert campaign.enrolments.count() == 2
    assert CampaignAct.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_clicks_start_it_once():
    make_people(20)
    campaign = make_campaign()
    user = UserFactory()
    answers = at_once(
        lambda: lifecycle.start(Campaign.objects.get(pk=campaign.pk), user, MONDAY), 50
    )
    assert sorted(answers) == [False] * 49 + [True]
    assert campaign.enrolments.count() == 20
    assert CampaignAct.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_its_guards_a_double_click_would_start_it_twice(monkeypatch):
    make_people(5)
    campaign = make_campaign()
    user = UserFactory()

    def unguarded(row, before, **fields):
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
        return True

    monkeypatch.setattr(
        lifecycle.drafts, "lock", lambda pk: Campaign.objects.get(pk=pk)
    )
    monkeypatch.setattr(lifecycle, "_change", unguarded)
    monkeypatch.setattr(
        enrol, "_ENROL", enrol._ENROL.replace("ON CONFLICT DO NOTHING", "")
    )

    def click():
        return lifecycle.start(Campaign.objects.get(pk=campaign.pk), user, MONDAY)

    with pytest.raises(IntegrityError, match="enrolment_once_per_campaign"):
        at_once(click, 2)


def test_a_plan_without_steps_or_people_cannot_start():
    campaign = make_campaign(audience={})
    campaign.versions.get().steps.all().delete()
    with pytest.raises(CannotStart) as hindered:
        lifecycle.start(campaign, UserFactory(), MONDAY)
    assert codes(hindered.value.problems) == ["no_steps", "nobody"]
    assert Campaign.objects.get().state == "draft"
    assert campaign.state == "draft"


def test_people_whom_nobody_may_write_to_are_no_audience():
    make_people(2, permitted=False)
    assert codes(lifecycle.problems(make_campaign(), MONDAY)) == ["nobody_reachable"]


def test_people_who_have_all_reached_the_goal_are_no_audience():
    [buyer] = make_people(1)
    record(
        NewEvent(
            kind="ordered",
            account_id=buyer.account_id,
            buyer_id=buyer.pk,
            occurred_at=MONDAY,
            source="store",
            key="1",
            data={"channel": "online", "placed_by": "customer", "document": "1"},
        )
    )
    react_to_all(MONDAY)
    assert codes(lifecycle.problems(make_campaign(), MONDAY)) == ["nobody_reachable"]


def test_a_message_that_cannot_be_published_is_named_with_its_step():
    make_people(1)
    broken = make_message(text="Hello {{ buyer.shoe_size }}")
    campaign = make_campaign({"message": broken, "name": "Hello"})
    (problem,) = lifecycle.problems(campaign, MONDAY)
    assert problem.code == "bad_message"
    assert "Hello" in str(problem)
    assert "shoe_size" in str(problem)
    with pytest.raises(CannotStart):
        lifecycle.start(campaign, UserFactory(), MONDAY)
    assert not Enrolment.objects.exists()


def test_conditions_that_cannot_be_read_are_problems():
    make_people(1)
    nonsense = {"all": [{"condition": "star_sign", "value": "lion"}]}
    campaign = make_campaign({"only_if": nonsense}, audience=nonsense, goal="wealth")
    assert codes(lifecycle.problems(campaign, MONDAY)) == [
        "no_goal",
        "bad_condition",
        "bad_audience",
    ]


@pytest.fixture
def parts_of_ten(monkeypatch):
    """What is too large for one click begins at eleven people."""
    monkeypatch.setattr(lifecycle, "AT_ONCE", 10)


def test_a_large_audience_is_taken_in_behind_the_click(parts_of_ten):
    make_people(25)
    campaign = start(make_campaign())
    assert campaign.state == "starting"
    assert campaign.enrolments.count() == 10
    assert advance(MORNING) == 0
    while lifecycle.continue_starting(limit=10):
        continue
    campaign.refresh_from_db()
    assert campaign.state == "running"
    assert campaign.enrolments.count() == campaign.audience_size == 25


@pytest.mark.django_db(transaction=True)
def test_five_who_take_it_in_at_once_take_everybody_once(parts_of_ten):
    make_people(45)
    campaign = start(make_campaign())

    def take_in():
        while Campaign.objects.get().state == "starting":
            lifecycle.continue_starting(limit=10)

    at_once(take_in, 5)
    assert campaign.enrolments.count() == 45


@pytest.mark.django_db(transaction=True)
def test_without_lock_and_key_they_would_take_the_same(parts_of_ten, monkeypatch):
    make_people(25)
    start(make_campaign())
    both_have_read, take_in = Barrier(2), lifecycle._take_in

    def wait_and_take_in(campaign, limit):
        both_have_read.wait(timeout=10)
        take_in(campaign, limit)

    monkeypatch.setattr(lifecycle, "_take_in", wait_and_take_in)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows)
    monkeypatch.setattr(
        enrol, "_ENROL", enrol._ENROL.replace("ON CONFLICT DO NOTHING", "")
    )
    with pytest.raises(IntegrityError, match="enrolment_once_per_campaign"):
        at_once(lambda: lifecycle.continue_starting(limit=10), 2)


def test_a_start_that_was_killed_goes_on_where_it_stopped(parts_of_ten, monkeypatch):
    make_people(25)
    campaign = start(make_campaign())

    def die(*args, **fields):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(lifecycle, "_change", die)
        with pytest.raises(KeyboardInterrupt):
            lifecycle.continue_starting(limit=10)
    assert campaign.enrolments.count() == 10
    while lifecycle.continue_starting(limit=10):
        continue
    assert campaign.enrolments.count() == 25


def test_who_joins_while_it_starts_is_in_or_out_but_never_twice(parts_of_ten):
    make_people(15)
    campaign = start(make_campaign())
    make_people(3)
    while lifecycle.continue_starting(limit=10):
        continue
    campaign.refresh_from_db()
    assert campaign.state == "running"
    assert 15 <= campaign.enrolments.count() <= 18


def test_a_paused_campaign_waits_and_goes_on_unchanged():
    make_people(3)
    campaign = start(make_campaign())
    user = UserFactory()
    before = list(Enrolment.objects.values_list("pk", "due_at"))
    assert lifecycle.pause(campaign, user, MONDAY, "a wrong price")
    assert not lifecycle.pause(campaign, user, MONDAY)
    assert advance(MORNING) == 0
    assert lifecycle.resume(campaign, user, MORNING)
    assert list(Enrolment.objects.values_list("pk", "due_at")) == before
    assert advance(MORNING) == 3
    told = CampaignAct.objects.order_by("pk").values_list("act", "reason")
    assert list(told) == [
        ("started", ""),
        ("paused", "a wrong price"),
        ("resumed", ""),
    ]


def test_stopping_says_of_everything_planned_why_it_was_not_sent():
    make_people(3)
    campaign = start(make_campaign({}, {"wait_days": 3}))
    advance(MORNING)
    assert lifecycle.stop(campaign, UserFactory(), MORNING)
    assert set(Delivery.objects.values_list("state", "reason")) == {
        ("skipped", "campaign_stopped")
    }
    assert set(Enrolment.objects.values_list("state", "exit_reason", "due_at")) == {
        ("exited", "campaign_stopped", None)
    }
    assert campaign.cleared_at == MORNING
    assert lifecycle.is_finished(campaign)
    assert not lifecycle.stop(campaign, UserFactory(), MORNING)
    assert not lifecycle.resume(campaign, UserFactory(), MORNING)


def test_what_comes_back_after_a_stop_is_cleared_later(monkeypatch):
    make_people(2)
    campaign = start(make_campaign())
    advance(MORNING)
    claim.claim(MORNING, worker="x", limit=2)
    lifecycle.stop(campaign, UserFactory(), MORNING)
    assert campaign.cleared_at is None
    Delivery.objects.update(state="planned")
    assert lifecycle.clear_stopped(MORNING) == 2
    assert Campaign.objects.get().cleared_at == MORNING
    assert lifecycle.clear_stopped(MORNING) == 0


def test_the_product_pauses_by_itself_with_a_reason_that_people_can_read():
    make_people(1)
    campaign = start(make_campaign())
    assert lifecycle.pause_by_itself(campaign.pk, "too_many_bounces", at=MONDAY)
    campaign.refresh_from_db()
    assert "addresses" in reasons.label(campaign.pause_reason)
    assert CampaignAct.objects.latest("pk").by is None


def test_finished_is_a_question_about_rows():
    make_people(2)
    campaign = start(make_campaign())
    assert not lifecycle.is_finished(campaign)
    advance(MORNING)
    assert not lifecycle.is_finished(campaign)
    Delivery.objects.update(state="skipped", reason="condition")
    assert lifecycle.is_finished(campaign)


def test_an_evening_start_means_the_next_morning():
    make_people(1)
    start(make_campaign({"send_at": time(9, 30)}), at=MONDAY + timedelta(hours=14))
    assert Enrolment.objects.get().due_at == MORNING + timedelta(days=1)
