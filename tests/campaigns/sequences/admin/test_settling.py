"""A person finds out what became of a message and says how she knows."""

import pytest

from campaigns.sequences.models import Delivery

from .conftest import at, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def unknown(running):
    delivery = Delivery.objects.first()
    settle(delivery, "unknown", reason="no_answer")
    return delivery


def answer(client, delivery, finding, note="Looked it up in the provider's log"):
    data = {"delivery": delivery.pk, "finding": finding, "note": note}
    response = client.post(at("settle"), data, follow=True)
    delivery.refresh_from_db()
    return response.content.decode()


@pytest.mark.parametrize(
    ("finding", "state"),
    [("accepted", "sent"), ("not_sent", "failed"), ("send_again", "planned")],
)
def test_what_was_found_out_settles_it_under_her_name(manager, unknown, finding, state):
    answer(manager, unknown, finding)

    assert unknown.state == state
    assert unknown.settled_by == manager.user
    assert unknown.settled_note == "Looked it up in the provider's log"


def test_a_second_click_does_not_send_it_twice(manager, unknown):
    answer(manager, unknown, "send_again")
    settle(unknown, "sent")

    answer(manager, unknown, "send_again")

    assert unknown.state == "sent"


def test_nobody_settles_anything_without_saying_how_she_knows(manager, unknown):
    html = answer(manager, unknown, "accepted", note=" ")

    assert unknown.state == "unknown"
    assert "Say how you know" in html


@pytest.mark.parametrize("finding", ["", "moon"])
def test_an_answer_that_is_none_changes_nothing(manager, unknown, finding):
    answer(manager, unknown, finding)

    assert unknown.state == "unknown"


def test_a_message_that_was_sent_is_not_settled_otherwise(manager, running):
    delivery = Delivery.objects.first()
    settle(delivery, "sent")

    answer(manager, delivery, "not_sent")

    assert delivery.state == "sent"


def test_an_editor_sees_the_list_and_cannot_settle(editor, unknown):
    page = editor.get(at("unknown")).content.decode()

    assert str(unknown.uuid) in page
    assert 'name="finding"' not in page
    response = editor.post(at("settle"), {"delivery": unknown.pk})
    assert response.status_code == 403


def test_the_list_of_one_campaign_is_its_own(manager, unknown, running):
    mine = manager.get(at("unknown"), {"campaign": running.pk})
    other = manager.get(at("unknown"), {"campaign": running.pk + 1})

    assert mine.context["page"].paginator.count == 1
    assert other.context["page"].paginator.count == 0
