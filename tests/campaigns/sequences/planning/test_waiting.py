"""Who waits for a step whose time was changed goes along with it."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.customers.models import Account
from campaigns.sequences import turns
from campaigns.sequences.models import Campaign, Enrolment, Step
from campaigns.sequences.planning import revision, waiting
from campaigns.sequences.planning.revision import Revised
from campaigns.sequences.sending import advance
from tests.campaigns.sequences import scenes

pytestmark = pytest.mark.django_db

#: When the second step is due: Thursday, half past nine in Madrid.
THURSDAY = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("campaigns.messages.trial.run", lambda *_anything: None)


@pytest.fixture
def running():
    """Three people wait for the second step."""
    scenes.make_people(3)
    campaign = scenes.start(scenes.make_campaign({}, {"wait_days": 3}))
    advance.advance(scenes.MORNING)
    return campaign


def change(campaign, place, at=scenes.MORNING, **values):
    campaign = Campaign.objects.get(pk=campaign.pk)
    steps = revision.steps_of(campaign)
    for name, value in values.items():
        setattr(steps[place], name, value)
    act = revision.apply(
        steps[place].version.campaign, [Revised(steps[place])], None, at
    )
    return act.details["steps"][0]


def dues():
    return set(Enrolment.objects.values_list("due_at", flat=True))


def test_a_longer_wait_moves_them_by_as_many_days(running):
    before = dues()

    told = change(running, 1, wait_days=4)

    assert (before, dues()) == ({THURSDAY}, {THURSDAY + DAY})
    assert told["moved"] == 3
    assert told["settings"] == {"wait_days": [3, 4]}


def test_another_hour_moves_them_to_it(running):
    change(running, 1, send_at=time(14))

    assert dues() == {THURSDAY.replace(hour=13, minute=0)}


def test_a_day_off_is_passed_over(running):
    change(running, 1, wait_days=5)  # Saturday

    assert dues() == {datetime(2026, 11, 30, 8, 30, tzinfo=UTC)}


def test_nobody_is_moved_into_the_past(running):
    on_wednesday = THURSDAY - timedelta(hours=12)

    change(running, 1, at=on_wednesday, wait_days=0)

    assert dues() == {THURSDAY}


def test_nothing_goes_out_before_the_campaign_begins(running):
    Campaign.objects.update(starts_at=THURSDAY)

    change(running, 1, wait_days=0)

    assert dues() == {THURSDAY}


def test_whose_time_has_come_keeps_it(running):
    told = change(running, 1, at=THURSDAY, wait_days=9)

    assert dues() == {THURSDAY}
    assert told["moved"] == 0


def test_who_is_not_there_yet_is_reckoned_by_the_new_time(running):
    scenes.make_people(1)
    late = scenes.start(scenes.make_campaign({}, {"wait_days": 3}))

    told = change(late, 1, wait_days=1)
    advance.advance(scenes.MORNING)

    assert told["moved"] == 0
    assert set(late.enrolments.values_list("due_at", flat=True)) == {
        scenes.MORNING + DAY
    }


def test_who_has_left_and_who_is_in_another_campaign_is_not_moved(running):
    gone, *_others = Enrolment.objects.order_by("pk")
    Enrolment.objects.filter(pk=gone.pk).update(
        state="exited", exit_reason="goal_reached", due_at=None
    )
    other = scenes.start(scenes.make_campaign({}, {"wait_days": 3}))
    Enrolment.objects.filter(campaign=other).update(position=1, due_at=THURSDAY)

    change(running, 1, wait_days=4)

    assert set(other.enrolments.values_list("due_at", flat=True)) == {THURSDAY}
    assert Enrolment.objects.get(pk=gone.pk).due_at is None


def test_each_goes_by_the_clock_of_her_own_zone(running):
    first = Account.objects.first()
    Account.objects.filter(pk=first.pk).update(time_zone="America/Lima", country="PE")
    Enrolment.objects.filter(account=first).update(
        due_at=datetime(2026, 11, 26, 14, 30, tzinfo=UTC)
    )

    change(running, 1, send_at=time(10))

    assert dues() == {
        datetime(2026, 11, 26, 15, tzinfo=UTC),
        datetime(2026, 11, 26, 9, tzinfo=UTC),
    }


def test_a_step_that_waits_for_a_moment_moves_nobody_here(running):
    Step.objects.filter(position=1).update(anchor="training.start", anchor_minutes=-60)

    told = change(running, 1, anchor_minutes=-1440)

    assert dues() == {THURSDAY}
    assert "moved" not in told


def test_many_cost_as_many_statements_as_few(running):
    step = revision.steps_of(running)[1]
    before = turns.rule_of(step)
    step.wait_days = 4
    counts = []
    for more in (0, 40):
        Enrolment.objects.bulk_create(
            Enrolment(
                campaign=running,
                version=step.version,
                account_id=buyer.account_id,
                buyer=buyer,
                position=1,
            )
            for buyer in scenes.make_people(more)
        )
        Enrolment.objects.update(due_at=THURSDAY)
        with CaptureQueriesContext(connection) as queries:
            assert waiting.move(step, 1, before, scenes.MORNING) == 3 + more
        counts.append(len(queries))

    assert counts == [2, 2]
