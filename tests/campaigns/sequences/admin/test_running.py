"""A campaign under way: figures that add up, and the three deeds of a person."""

import pytest
from django.urls import reverse_lazy

from campaigns.sequences import arming
from campaigns.sequences.models import CampaignAct, Delivery, Enrolment
from campaigns.sequences.planning import lifecycle
from campaigns.sequences.results import progress
from campaigns.sequences.sending import advance
from tests.campaigns.sequences import scenes
from tests.factories import UserFactory

from .conftest import at, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(running):
    """One sent, one unknown, one still planned, and one not sent."""
    scenes.make_people(1, permitted=False)
    first, second, _third = Delivery.objects.order_by("pk")
    settle(first, "sent", sent_at=scenes.MORNING)
    settle(second, "unknown", reason="no_answer", detail="Connection reset")
    return running


def test_planned_is_the_sum_of_its_parts_for_the_whole_and_for_each_step(told):
    outcome = progress.outcome(told, scenes.MORNING)

    assert outcome.sum == progress.Sum(sent=1, unknown=1, open=1)
    assert outcome.sum.planned == 3 == Delivery.objects.count()
    assert sum(step.sum.planned for step in outcome.steps) == 3


def test_everybody_enrolled_is_under_way_done_or_gone(told):
    Enrolment.objects.filter(pk=Enrolment.objects.first().pk).update(
        state="exited", exit_reason="goal_reached", due_at=None
    )

    outcome = progress.outcome(told, scenes.MORNING)

    assert outcome.enrolled == 3
    assert outcome.under_way + outcome.finished + outcome.exited == 3
    assert [(one.reason, one.number) for one in outcome.left] == [("goal_reached", 1)]


def test_the_second_step_tells_who_waits_for_it_and_from_when(told):
    _first, second = progress.outcome(told, scenes.MORNING).steps

    assert (second.waiting, second.sum.planned) == (3, 0)
    assert second.next_due > scenes.MORNING


def test_every_number_of_the_page_opens_so_many_names(manager, told):
    outcome = progress.outcome(told, scenes.MORNING)

    for name, _label, number in outcome.sum.parts:
        page = manager.get(at("deliveries", told.pk), {"part": name})
        assert page.context["page"].paginator.count == number, name
    for one in outcome.because:
        page = manager.get(
            at("deliveries", told.pk), {"part": one.part, "reason": one.reason}
        )
        assert page.context["page"].paginator.count == one.number, one.reason
    for state, number in (("active", outcome.under_way), ("exited", outcome.exited)):
        page = manager.get(at("enrolments", told.pk), {"state": state})
        assert page.context["page"].paginator.count == number, state
    waiting = manager.get(at("enrolments", told.pk), {"step": "1"})
    assert waiting.context["page"].paginator.count == outcome.steps[1].waiting


def test_the_moving_figures_are_those_of_the_page(manager, told):
    found = manager.get(at("figures", told.pk)).json()

    assert {name: found[name] for name in ("planned", "sent", "unknown", "open")} == {
        "planned": 3,
        "sent": 1,
        "unknown": 1,
        "open": 1,
    }
    assert found["state"] == "running"
    assert "The connection broke" in found["html"]


def test_a_campaign_with_everybody_done_and_every_fate_known_is_finished(told):
    Enrolment.objects.update(state="finished", due_at=None)
    Delivery.objects.filter(state="planned").update(state="skipped", reason="too_late")

    before = progress.outcome(told, scenes.MORNING).is_done
    Delivery.objects.filter(state="unknown").update(state="sent", reason="")
    after = progress.outcome(told, scenes.MORNING)

    assert (before, after.is_done) == (False, True)
    assert progress.standing(told, after.is_done) == "finished"
    assert lifecycle.is_finished(told)


def test_the_line_in_the_list_says_the_same_as_the_page(told):
    scenes.start(scenes.make_campaign())

    line = progress.lines([told.pk])[told.pk]
    whole = progress.outcome(told, scenes.MORNING)

    assert (line.sum, line.enrolled, line.under_way) == (
        whole.sum,
        whole.enrolled,
        whole.under_way,
    )
    assert line.next_due == whole.next_due


def test_pause_with_a_reason_resume_and_stop(manager, running):
    manager.post(at("pause", running.pk), {"reason": "Prices are wrong"})
    running.refresh_from_db()
    paused = (running.state, running.pause_reason)
    page = manager.get(at("change", running.pk)).content.decode()
    manager.post(at("resume", running.pk))
    running.refresh_from_db()
    resumed = running.state
    manager.post(at("stop", running.pk), {"confirm": "1"})
    running.refresh_from_db()

    assert paused == ("paused", "Prices are wrong")
    assert "Prices are wrong" in page
    assert (resumed, running.state) == ("running", "stopped")
    assert not Delivery.objects.open().exists()


@pytest.mark.parametrize("deed", ["pause", "resume", "stop"])
def test_a_double_click_does_it_once(manager, running, deed):
    if deed == "resume":
        lifecycle.pause(running, UserFactory(), scenes.MORNING)
    for _click in range(2):
        manager.post(at(deed, running.pk), {"confirm": "1"})

    done = {"pause": "paused", "resume": "resumed", "stop": "stopped"}[deed]
    assert CampaignAct.objects.filter(act=done, by=manager.user).count() == 1


def test_stopping_asks_for_a_tick(manager, running):
    manager.post(at("stop", running.pk))

    running.refresh_from_db()
    assert running.state == "running"


@pytest.mark.parametrize("deed", ["start", "pause", "resume", "stop", "copy"])
def test_opening_the_address_of_a_deed_does_nothing(manager, running, deed):
    before = running.state

    assert manager.get(at(deed, running.pk)).status_code == 405
    running.refresh_from_db()
    assert running.state == before


def test_who_did_what_is_told(manager, running):
    manager.post(at("pause", running.pk), {"reason": "Holiday"})

    html = manager.get(at("change", running.pk)).content.decode()

    assert "The marketing_manager: Holiday" in html


def test_an_overdue_message_is_told(manager, running):
    """Its hour passed long ago by the database's clock, and nothing sends."""
    Delivery.objects.update(due_at="2026-01-01T00:00Z")

    page = manager.get(at("change", running.pk))

    assert page.context["outcome"].overdue == 3
    assert "3 messages are overdue" in page.content.decode()


ARM = reverse_lazy("sending:arm")


def test_a_disarmed_installation_says_so_and_an_administrator_arms_it(as_role, running):
    arming.disarm()
    manager = as_role("marketing_manager")
    told = manager.get(at("change", running.pk)).content.decode()
    refused = manager.post(ARM, {"confirm": "1"})
    administrator = as_role("administrator")
    offered = administrator.get(at("change", running.pk)).content.decode()
    administrator.post(ARM, {})
    unticked = arming.is_armed()
    administrator.post(ARM, {"confirm": "1", "overdue": "none"})

    assert "does not send" in told
    assert "An administrator can change that" in told
    assert refused.status_code == 403
    assert "Look at it and decide" in offered
    assert (unticked, arming.is_armed()) == (False, True)


@pytest.mark.parametrize("people", [0, 1])
def test_a_campaign_of_nobody_or_one_has_its_page(manager, people):
    scenes.make_people(people or 1)
    campaign = scenes.start(scenes.make_campaign())
    if not people:
        Enrolment.objects.all().delete()

    assert manager.get(at("change", campaign.pk)).status_code == 200
    assert manager.get(at("figures", campaign.pk)).status_code == 200


def test_an_audience_still_being_taken_in_says_how_far_it_is(manager, running):
    running.state = "starting"
    running.audience_size = 50_000
    running.save()

    assert (
        "3 of 50,000 so far" in manager.get(at("change", running.pk)).content.decode()
    )


def test_a_thousand_cost_as_many_queries_as_three(
    manager, running, django_assert_num_queries
):
    with django_assert_num_queries(QUERIES_OF_THE_FIGURES):
        manager.get(at("figures", running.pk))
    scenes.make_people(1000)
    crowd = scenes.start(scenes.make_campaign({}, {"wait_days": 3}))
    advance.advance(scenes.MORNING)
    with django_assert_num_queries(QUERIES_OF_THE_FIGURES):
        manager.get(at("figures", crowd.pk))


#: Savepoints apart: session, user, campaign, clock; and seven for the figures.
QUERIES_OF_THE_FIGURES = 12
