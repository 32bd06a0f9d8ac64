"""The names behind the figures, and one buyer's story: why did she not get it?"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.customers.models import Buyer
from accounts.journal import react
from accounts.journal.record import NewEvent, record
from campaigns.sequences.audiences import conditions
from campaigns.sequences.models import Attempt, Campaign, Delivery, Enrolment, Step
from campaigns.sequences.planning import lifecycle
from campaigns.sequences.rows import Row
from campaigns.sequences.sending import advance
from tests.campaigns.sequences import scenes
from tests.factories import BuyerFactory, UserFactory

from .conftest import at, settle

pytestmark = pytest.mark.django_db


def story_of(client, campaign, buyer):
    page = client.get(at("story", campaign.pk, buyer.pk))
    return page.context["story"], page.content.decode()


def test_a_story_tells_each_step_with_its_time_state_reason_and_answer(
    manager, running
):
    delivery = Delivery.objects.select_related("buyer").first()
    Attempt.objects.create(
        delivery=delivery,
        number=1,
        worker="sender",
        started_at=scenes.MORNING,
        outcome="refused",
        code="550",
        answer="User unknown",
    )
    settle(delivery, "failed", reason="refused", detail="550 User unknown")

    story, html = story_of(manager, running, delivery.buyer)

    first, second = story.chapters
    assert (first.part, first.local, first.zone) == (
        "failed",
        "2026-11-23 09:30",
        "Europe/Madrid",
    )
    assert second.delivery is None
    assert second.local.endswith("09:30")
    assert "The provider refused it" in html
    assert "550 User unknown" in html


def test_the_story_foretells_what_the_schedule_will_do(manager, running):
    delivery = Delivery.objects.select_related("buyer").first()
    enrolment = Enrolment.objects.get(buyer=delivery.buyer)

    story, _html = story_of(manager, running, delivery.buyer)
    advance.advance(enrolment.due_at)

    planned = Delivery.objects.get(enrolment=enrolment, due_at=enrolment.due_at)
    assert story.chapters[1].local == planned.local_due


def test_somebody_who_left_early_reads_so(manager, running):
    buyer = Buyer.objects.first()
    Enrolment.objects.filter(buyer=buyer).update(
        state="exited", exit_reason="goal_reached", due_at=None
    )

    _story, html = story_of(manager, running, buyer)

    assert "Left the campaign early: The goal was reached" in html


def test_who_reached_the_companys_goal_and_when_is_told(manager, running):
    buyer = Buyer.objects.select_related("account").first()
    colleague = BuyerFactory(account=buyer.account, first_name="Eva", last_name="Sanz")
    Campaign.objects.filter(pk=running.pk).update(goal="first_online_order")
    Enrolment.objects.filter(buyer=buyer).update(
        state="exited", exit_reason="goal_reached", due_at=None
    )
    record(
        NewEvent(
            kind="ordered",
            account_id=buyer.account_id,
            buyer_id=colleague.pk,
            occurred_at=scenes.MORNING,
            source="store",
            key="1",
            data={"channel": "online", "document": "A1"},
        )
    )
    react.react_to_all(scenes.MORNING)

    told, html = story_of(manager, running, buyer)

    assert (told.reached.by, told.reached.at) == (colleague, scenes.MORNING)
    assert "Eva Sanz of the same company did, on" in html
    assert reverse("admin:customers_account_change", args=[buyer.account_id]) in html


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"active": False}, "The buyer is not active"),
        ({}, "Its conditions hold today"),
    ],
)
def test_somebody_who_was_never_in_it_reads_why(manager, running, change, told):
    (stranger,) = scenes.make_people(1)
    Buyer.objects.filter(pk=stranger.pk).update(**change)

    story, html = story_of(manager, running, stranger)

    assert story.enrolment is None
    assert told in html


def test_an_unmatched_condition_is_the_answer_too(manager):
    scenes.make_people(1)
    campaign = scenes.make_campaign(
        audience={"all": [{"condition": "city", "value": "Lima", "not": False}]}
    )
    _story, html = story_of(manager, campaign, Buyer.objects.get())

    assert "its conditions do not hold for this buyer" in html
    assert "Does not hold: City contains: Lima" in html


def test_only_the_conditions_that_do_not_hold_are_named(manager):
    scenes.make_people(1)
    lines = [
        ("language", ["en", "es"]),
        ("created_since", "2999-12-31"),
        ("city", "Lima"),
    ]
    rule = conditions.make(Row(slug, value) for slug, value in lines)
    campaign = scenes.make_campaign(audience=rule)

    story, _html = story_of(manager, campaign, Buyer.objects.get())

    assert story.unmet == (
        "Imported or entered here since: 31 Dec 2999",
        "City contains: Lima",
    )


def test_a_step_names_the_conditions_it_asks(manager, running):
    """“The step's condition does not hold” tells nobody which."""
    asked = conditions.make([Row("registered", True, negated=True)])
    Step.objects.filter(pk=Step.objects.last().pk).update(only_if=asked)

    story, html = story_of(manager, running, Buyer.objects.first())

    assert story.chapters[0].asked == []
    assert "Only if: Has not registered in the web store" in html


def test_searching_for_a_stranger_offers_her_story(manager, running):
    (stranger,) = scenes.make_people(1)
    Buyer.objects.filter(pk=stranger.pk).update(last_name="Zafra")

    page = manager.get(at("enrolments", running.pk), {"search": "zafra"})

    assert page.context["strangers"] == [stranger]
    assert at("story", running.pk, stranger.pk) in page.content.decode()


def test_after_a_stop_every_open_message_names_the_reason(manager, running):
    lifecycle.stop(running, UserFactory(), scenes.MORNING)

    page = manager.get(at("deliveries", running.pk), {"part": "skipped"})

    assert {row.label for row in page.context["rows"]} == {"The campaign was stopped"}


ODD = [
    "part=moon",
    "step=x",
    "step=99999999",
    "step=99999999999999999999",
    "step=%D9%A1",
    "page=x",
    "buyer=99999999999999999999",
    "campaign=99999999999999999999",
]


@pytest.mark.parametrize("odd", ODD)
def test_odd_questions_get_an_answer(manager, running, draft, odd):
    pages = [
        at("deliveries", running.pk),
        at("enrolments", running.pk),
        at("unknown"),
        at("review", draft.pk),
        at("audience", draft.pk),
    ]
    for page in pages:
        assert manager.get(f"{page}?{odd}").status_code == 200, page


def test_odd_words_are_no_error_of_the_server(manager, running, draft):
    odd = "\x00 \u202e \ud7ff" + "x" * 5000
    manager.post(at("add"), {"name": odd, "playbook": odd})
    manager.post(at("pause", running.pk), {"reason": odd})
    manager.post(at("stop", running.pk), {"reason": odd, "confirm": "1"})
    manager.post(at("settle"), {"delivery": odd, "finding": odd, "note": odd})
    manager.post(at("settle"), {"delivery": "9" * 30, "finding": "accepted"})
    manager.post(at("start", draft.pk), {"seen": odd, "confirm": odd})
    manager.post(at("count"), {"campaign": odd, "goal": odd})

    running.refresh_from_db()
    assert running.state == "stopped"


@pytest.mark.parametrize("name", ["deliveries", "enrolments", "unknown"])
def test_a_list_costs_the_same_however_long_it_is(manager, running, name):
    Delivery.objects.update(state="claimed", lease_until=scenes.MORNING)
    Delivery.objects.update(state="sending")
    Delivery.objects.update(state="unknown", reason="no_answer", lease_until=None)
    address = at(name) if name == "unknown" else at(name, running.pk)

    with CaptureQueriesContext(connection) as three:
        manager.get(address)
    scenes.make_people(30)
    crowd = scenes.start(scenes.make_campaign())
    advance.advance(scenes.MORNING)
    address = at(name) if name == "unknown" else at(name, crowd.pk)
    with CaptureQueriesContext(connection) as thirty:
        manager.get(address)

    assert len(thirty) == len(three)


@pytest.mark.parametrize("model", ["delivery", "enrolment", "campaign"])
def test_the_admins_own_lists_cost_the_same_however_long_they_are(
    manager, running, model
):
    address = f"/admin/sequences/{model}/"
    manager.get(address)
    with CaptureQueriesContext(connection) as few:
        manager.get(address)
    scenes.make_people(20)
    for _ in range(3):
        scenes.start(scenes.make_campaign({}, {"wait_days": 2}))
    advance.advance(scenes.MORNING)
    with CaptureQueriesContext(connection) as many:
        manager.get(address)

    assert len(many) == len(few)
