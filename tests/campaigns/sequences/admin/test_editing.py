"""Planning a campaign: nothing that somebody typed is lost, nothing is sent."""

import re
from datetime import UTC, datetime, time

import pytest

from campaigns.sequences.audiences import conditions
from campaigns.sequences.models import Campaign, Delivery, Step
from campaigns.sequences.planning import drafts
from campaigns.sequences.rows import Row
from tests.campaigns.sequences import scenes

from .conftest import at

pytestmark = pytest.mark.django_db


def form_of(page):
    """What a browser would post of the editor, as it stands on the page."""
    html = re.sub(
        r"<template.*?</template>", "", page.content.decode(), flags=re.DOTALL
    )
    html = html[html.index('id="campaign-form"') :]
    data = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name = _attribute(tag, "name")
        kind = _attribute(tag, "type")
        if not name or (kind in ("checkbox", "radio") and " checked" not in tag):
            continue
        unnamed = "on" if kind == "checkbox" else ""
        data.setdefault(name, []).append(_attribute(tag, "value") or unnamed)
    for name, body in re.findall(
        r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, flags=re.DOTALL
    ):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        first = re.search(r'<option value="([^"]*)"', body)
        data[name] = [(chosen or first)[1]]
    for name, body in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', html, flags=re.DOTALL
    ):
        data[name] = [body.strip()]
    data.pop("save", None)
    return data


def _attribute(tag, name):
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return found[1] if found else ""


def save(client, campaign, **changes):
    address = at("change", campaign.pk)
    data = {**form_of(client.get(address)), **changes}
    return client.post(address, data)


def condition(prefix, number, slug, value, negated=""):
    row = f"{prefix}-{number}"
    return {
        f"{row}-condition": slug,
        f"{row}-negated": negated,
        f"{row}-value": value,
    }


def test_a_new_campaign_can_begin_empty(manager):
    response = manager.post(at("add"), {"name": "Spring", "playbook": ""})

    campaign = Campaign.objects.get()
    assert response.url == at("change", campaign.pk)
    assert (campaign.name, campaign.state) == ("Spring", "draft")
    assert campaign.versions.count() == 1


def test_a_new_campaign_can_begin_with_a_playbook(manager):
    scenes.make_brand()

    manager.post(at("add"), {"name": "Spring", "playbook": "first_order"})

    assert drafts.steps_of(Campaign.objects.get()).count() == 3


def test_a_playbook_without_a_brand_leads_to_the_brand(manager):
    response = manager.post(at("add"), {"name": "Spring", "playbook": "first_order"})

    assert "brand" in response.url
    assert not Campaign.objects.exists()


def test_saving_what_the_page_shows_changes_nothing(manager, draft):
    before = drafts.fingerprint(draft)

    response = save(manager, draft)

    assert response.status_code == 302, response.context["form"].steps.errors
    assert drafts.fingerprint(Campaign.objects.get()) == before


def test_the_audience_is_stored_as_it_was_chosen(manager, draft):
    save(
        manager,
        draft,
        **condition("audience", 7, "language", ["en", "es"]),
        **condition("audience", 9, "city", "Zaragoza", negated="1"),
    )

    draft.refresh_from_db()
    assert conditions.rows(draft.audience) == [
        Row("never_ordered_online", True),
        Row("language", ["en", "es"]),
        Row("city", "Zaragoza", negated=True),
    ]


def test_a_step_is_changed_with_its_conditions(manager, draft):
    save(
        manager,
        draft,
        **{"steps-0-wait_days": "2", "steps-0-send_at": "14:15"},
        **condition("steps-0-only_if", 5, "language", ["en"]),
    )

    first = drafts.steps_of(draft)[0]
    assert (first.wait_days, first.send_at) == (2, time(14, 15))
    assert conditions.rows(first.only_if) == [Row("language", ["en"])]


def test_only_changing_the_conditions_of_a_step_is_a_change(manager, draft):
    save(manager, draft, **condition("steps-0-only_if", 5, "language", ["en"]))

    assert drafts.steps_of(draft)[0].only_if


def test_steps_stand_in_the_order_in_which_they_were_put(manager, draft):
    save(
        manager,
        draft,
        **{"steps-0-position": "3", "steps-1-position": "1", "steps-2-position": "2"},
    )

    names = [step.name for step in drafts.steps_of(draft)]
    assert names == [
        "Reminder to those not registered",
        "Nudge to the first order",
        "Invitation",
    ]


def test_a_step_is_removed(manager, draft):
    save(manager, draft, **{"steps-1-DELETE": "on"})

    assert [step.position for step in drafts.steps_of(draft)] == [1, 2]


def test_a_step_is_added(manager, draft):
    message = scenes.make_message("Extra")

    save(
        manager,
        draft,
        **{
            "steps-TOTAL_FORMS": "4",
            "steps-3-message": str(message.pk),
            "steps-3-position": "4",
            "steps-3-wait_days": "1",
            "steps-3-send_at": "10:00",
            "steps-3-late_after_hours": "24",
            "steps-3-late": "send",
        },
    )

    last = list(drafts.steps_of(draft))[-1]
    assert (last.message, last.late, last.working_days) == (message, "send", False)


def test_a_wrong_value_is_told_and_everything_else_kept_as_typed(manager, draft):
    response = save(
        manager,
        draft,
        name="Another name",
        **condition("audience", 4, "ordered_offline", "soon"),
        **{"steps-0-wait_days": "-1", "steps-1-name": "Typed"},
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert "Enter a whole number" in page
    assert 'value="soon"' in page
    assert 'value="Typed"' in page
    assert 'value="Another name"' in page
    draft.refresh_from_db()
    assert draft.name == "Autumn"


def test_a_start_that_is_over_already_is_told(manager, draft):
    response = save(manager, draft, starts_at="2020-01-01T09:00")

    assert response.status_code == 422
    assert "This is over already." in response.text
    assert 'value="2020-01-01T09:00"' in response.text
    draft.refresh_from_db()
    assert draft.starts_at is None


def test_a_start_that_went_by_while_planning_begins_at_once(manager, draft):
    Campaign.objects.update(starts_at=datetime(2020, 1, 1, 9, tzinfo=UTC))

    assert save(manager, draft, name="Later").status_code == 302
    page = manager.get(at("review", draft.pk)).text
    assert "as soon as it is started" in page
    assert "2020" not in page


def test_a_wrong_condition_of_a_step_keeps_the_whole_from_being_saved(manager, draft):
    response = save(
        manager, draft, **condition("steps-0-only_if", 1, "ordered_offline", "0")
    )

    assert response.status_code == 422
    assert not drafts.steps_of(draft)[0].only_if


def test_a_condition_that_is_gone_is_shown_and_kept_until_somebody_removes_it(
    manager, draft
):
    draft.audience = conditions.make([Row("moon", "full")])
    draft.save()

    page = manager.get(at("change", draft.pk))
    response = save(manager, draft)

    assert "moon" in page.content.decode()
    assert response.status_code == 422
    draft.refresh_from_db()
    assert conditions.rows(draft.audience) == [Row("moon", "full")]


def test_two_people_at_one_draft_the_second_is_told_and_may_insist(manager, draft):
    mine = form_of(manager.get(at("change", draft.pk)))
    Campaign.objects.update(name="Changed by a colleague")

    told = manager.post(at("change", draft.pk), {**mine, "name": "Mine"})
    draft.refresh_from_db()
    between = draft.name
    again = {**form_of(told), "name": "Mine"}
    manager.post(at("change", draft.pk), again)

    draft.refresh_from_db()
    assert told.status_code == 422
    assert (between, draft.name) == ("Changed by a colleague", "Mine")


def test_a_campaign_started_meanwhile_keeps_its_plan(manager, draft):
    mine = form_of(manager.get(at("change", draft.pk)))
    Campaign.objects.update(state="running")

    response = manager.post(at("change", draft.pk), {**mine, "name": "Mine"})

    assert response.status_code == 405
    draft.refresh_from_db()
    assert draft.name == "Autumn"


def test_a_step_of_another_campaign_cannot_be_taken_over(manager, draft):
    other = scenes.make_campaign()
    stranger = Step.objects.get(version__campaign=other)

    save(manager, draft, **{"steps-0-id": str(stranger.pk)})

    stranger.refresh_from_db()
    assert stranger.version.campaign == other


def test_too_many_conditions_are_refused(manager, draft):
    rows = {}
    for number in range(10, 70):
        rows |= condition("audience", number, "city", "x")

    assert save(manager, draft, **rows).status_code == 422


def test_planning_sends_nothing_and_enrols_nobody(manager, draft):
    save(manager, draft, name="Other")
    manager.get(at("review", draft.pk))

    assert not Delivery.objects.exists()
    assert not draft.enrolments.exists()


def test_a_copy_is_a_draft_of_the_same_plan(manager, running):
    response = manager.post(at("copy", running.pk))

    twin = Campaign.objects.exclude(pk=running.pk).get()
    assert response.url == at("change", twin.pk)
    assert twin.state == "draft"
    assert [step.message_id for step in drafts.steps_of(twin)] == [
        step.message_id for step in drafts.steps_of(running)
    ]
    assert not twin.enrolments.exists()
    assert not drafts.steps_of(twin).exclude(message_version=None).exists()


def test_deleting_a_draft_is_asked_in_plain_words(manager, draft):
    page = manager.get(at("delete", draft.pk)).text
    assert f"Delete the draft “{draft.name}”?" in page
    assert "version" not in page.partition('id="ob"')[2].lower()


def test_a_draft_is_deleted_a_started_campaign_is_not(manager, draft):
    manager.post(at("delete", draft.pk), {"post": "yes"})
    assert not Campaign.objects.exists()

    started = scenes.start(scenes.make_campaign())
    assert manager.post(at("delete", started.pk), {"post": "yes"}).status_code == 403


def test_a_slip_does_not_hide_that_somebody_was_faster(editor, draft):
    """What she saves after it would undo the other's change unseen."""
    mine = form_of(editor.get(at("change", draft.pk)))
    Campaign.objects.update(name="Changed by a colleague")

    told = editor.post(at("change", draft.pk), {**mine, "name": ""})

    assert [str(one)[:30] for one in told.context["messages"]] == [
        "Not saved yet: look at the fie",
        "Not saved yet: somebody else c",
    ]
