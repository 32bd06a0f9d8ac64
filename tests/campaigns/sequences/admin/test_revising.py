"""The page that changes a campaign under way: what it shows before, and says after."""

import pytest
from django.urls import reverse

from accounts.staff.models import Role
from campaigns.messages import uses
from campaigns.messages.models import MessageText
from campaigns.sequences.models import Campaign, Delivery, Step
from campaigns.sequences.planning import lifecycle, revision
from campaigns.sequences.planning.revision import Revised
from campaigns.sequences.sending import claim
from tests.campaigns.sequences import scenes
from tests.factories import UserFactory

from .conftest import at, settle
from .test_editing import condition, form_of

pytestmark = pytest.mark.django_db

OTHER = "Other words, {{ buyer.first_name }}: {{ links.store }}"


def save(client, campaign, **changes):
    address = at("revise", campaign.pk)
    return client.post(address, {**form_of(client.get(address)), **changes})


def steps_of(campaign):
    return list(Step.objects.filter(version__campaign=campaign))


def rewrite(step, body=OTHER):
    MessageText.objects.filter(message=step.message_id).update(body=body)


def texts(campaign):
    return [step.message_version.number for step in steps_of(campaign)]


def said(response):
    return [str(one) for one in response.context["messages"]]


# -- before


def test_it_shows_whom_a_change_would_concern(manager, running):
    settle(Delivery.objects.first(), "sent", sent_at=scenes.MORNING)
    rewrite(steps_of(running)[0])

    page = manager.get(at("revise", running.pk))
    first, second = (step.reached for step in page.context["form"].steps)

    assert (first.sent, first.planned, first.outdated, first.coming) == (1, 2, 2, 0)
    assert (second.sent, second.planned, second.coming, second.waiting) == (0, 0, 3, 3)
    assert "The newest text also for 2 messages planned with an older one" in page.text
    assert "for whom it is still to come, and whoever" not in page.text
    assert "still to come for 3 buyers" in page.text


def test_it_shows_what_the_text_said_and_says_now(manager, running):
    rewrite(steps_of(running)[1])

    page = manager.get(at("revise", running.pk)).text

    assert "<ins>Other words, {{ buyer.first_name }}: {{ links.store }}</ins>" in page
    assert "<del>Hello {{ buyer.first_name }}, welcome to our store" in page
    assert page.count("The message has a newer text") == 1


def test_the_page_of_a_campaign_leads_there_while_it_is_under_way(manager, running):
    under_way = manager.get(at("change", running.pk)).text
    lifecycle.stop(running, UserFactory(), scenes.MORNING)
    stopped = manager.get(at("change", running.pk)).text
    sent_back = manager.get(at("revise", running.pk))

    assert at("revise", running.pk) in under_way
    assert at("revise", running.pk) not in stopped
    assert sent_back.url == at("change", running.pk)


def test_who_may_not_send_looks_but_does_not_change(editor, running):
    page = editor.get(at("revise", running.pk))
    refused = editor.post(at("revise", running.pk), {"name": "Mine"})

    assert "You may look, but not change." in page.text
    assert "Save the changes" not in page.text
    assert refused.status_code == 403
    assert Campaign.objects.get().name == "Spring"


def test_looking_changes_nothing(manager, running):
    rewrite(steps_of(running)[0])
    manager.get(at("revise", running.pk))

    assert texts(running) == [1, 1]
    assert not running.acts.filter(act="changed").exists()


# -- texts and name


def test_a_new_text_and_a_new_name_are_taken_over_and_told(manager, running):
    first, second = steps_of(running)
    rewrite(first)
    rewrite(second)

    response = manager.post(
        at("revise", running.pk),
        {
            **form_of(manager.get(at("revise", running.pk))),
            "name": "Summer",
            f"step-{first.pk}-text": "all",
            f"step-{second.pk}-text": "coming",
        },
        follow=True,
    )

    assert response.redirect_chain[0][0] == at("change", running.pk)
    assert texts(running) == [2, 2]
    assert set(Delivery.objects.values_list("message_version__number")) == {(2,)}
    assert said(response) == [
        "Changed.",
        "Name: “Spring” is now “Summer”.",
        "Step 1, “Welcome”: new text (version 2) for 3 messages planned already.",
        (
            "Step 2, “Welcome”: new text (version 2) for 3 buyers for whom it is still "
            "to come."
        ),
    ]
    assert "text changed on" in response.text
    act = running.acts.get(act="changed")
    assert act.by == manager.user
    assert response.text.count("“Spring” is now “Summer”") == 2


def test_saving_what_the_page_shows_changes_nothing(manager, running):
    rewrite(steps_of(running)[0])

    response = save(manager, running)

    assert response.url == at("change", running.pk)
    assert texts(running) == [1, 1]
    assert not running.acts.filter(act="changed").exists()


def test_a_second_click_finds_it_done(manager, running):
    first = steps_of(running)[0]
    rewrite(first)
    page = form_of(manager.get(at("revise", running.pk)))
    data = {**page, f"step-{first.pk}-text": "all", "name": "Summer"}

    answers = [manager.post(at("revise", running.pk), data) for _click in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert running.acts.filter(act="changed").count() == 1


def test_what_is_wrong_with_a_text_is_named_and_nothing_changes(manager, running):
    first = steps_of(running)[0]
    rewrite(first, "{{ moon.phase }}")

    response = save(
        manager, running, name="Summer", **{f"step-{first.pk}-text": "coming"}
    )

    assert response.status_code == 422
    assert "Step “Welcome”" in said(response)[0]
    assert 'value="Summer"' in response.text
    assert Campaign.objects.get().name == "Spring"


# -- settings


def test_settings_of_a_step_are_changed_by_the_draft_s_rules(manager, running):
    second = steps_of(running)[1]
    prefix = f"step-{second.pk}"

    save(
        manager,
        running,
        **{
            f"{prefix}-name": "Reminder",
            f"{prefix}-send_at": "14:15",
            f"{prefix}-late": "send",
        },
        **condition(f"{prefix}-only_if", 5, "language", ["en"]),
    )

    second.refresh_from_db()
    act = running.acts.get(act="changed")
    assert (second.name, second.late, str(second.send_at)) == (
        "Reminder",
        "send",
        "14:15:00",
    )
    assert second.only_if
    assert act.details["steps"][0]["settings"].keys() == {
        "name",
        "send_at",
        "only_if",
        "late",
    }
    assert act.details["steps"][0]["moved"] == 3
    page = manager.get(at("change", running.pk)).text
    assert "Step 2, “Welcome”: local time: 09:30 → 14:15" in page


def test_a_wrong_value_is_told_and_everything_else_kept_as_typed(manager, running):
    first, second = steps_of(running)

    response = save(
        manager,
        running,
        **{f"step-{first.pk}-wait_days": "-1", f"step-{second.pk}-name": "Typed"},
    )

    assert response.status_code == 422
    assert 'value="Typed"' in response.text
    assert "errorlist" in response.text
    assert not running.acts.filter(act="changed").exists()


def test_a_step_whose_moment_is_gone_holds_up_no_other_change(manager, running):
    Step.objects.filter(pk=steps_of(running)[1].pk).update(
        anchor="gone.for_good", anchor_minutes=-60
    )

    response = save(manager, running, name="Summer")

    assert response.status_code == 302
    assert Campaign.objects.get().name == "Summer"
    assert steps_of(running)[1].anchor == "gone.for_good"


@pytest.mark.parametrize("field", ["amount", "unit"])
def test_a_distance_left_empty_is_not_taken_for_none(manager, running, field):
    second = steps_of(running)[1]
    Step.objects.filter(pk=second.pk).update(
        anchor="training.start", anchor_minutes=-1440
    )

    told = save(manager, running, **{f"step-{second.pk}-moment-{field}": ""})

    assert told.status_code == 422
    assert steps_of(running)[1].anchor_minutes == -1440


def test_after_a_refusal_only_what_was_typed_is_open(manager, running):
    second = steps_of(running)[1]

    told = save(manager, running, **{f"step-{second.pk}-wait_days": "999"})

    opened = [step.shows_settings() for step in told.context["form"].steps]
    assert opened == [False, True]


def test_what_a_sender_gave_back_is_offered_again_and_said_to_be_older(
    manager, running
):
    first = steps_of(running)[0]
    rewrite(first)
    taken = claim.take(scenes.MORNING, worker="sender", limit=1)
    save(manager, running, **{f"step-{first.pk}-text": "all"})
    claim.give_back(taken, worker="sender")

    offered = manager.get(at("revise", running.pk)).text
    save(manager, running, **{f"step-{first.pk}-text": "all"})

    assert "1 message planned already has an older one" in offered
    assert offered.count("The newest text goes out.") == 1  # of the second step
    assert set(Delivery.objects.values_list("message_version__number")) == {(2,)}


def test_the_message_its_place_and_the_audience_cannot_be_changed(manager, running):
    first, second = steps_of(running)
    other = scenes.make_message("Other")

    save(
        manager,
        running,
        goal="registered",
        **{
            f"step-{first.pk}-message": str(other.pk),
            f"step-{first.pk}-position": "9",
            f"step-{first.pk}-moment-anchor": "training.start",
            "steps-TOTAL_FORMS": "3",
        },
    )

    assert [step.pk for step in steps_of(running)] == [first.pk, second.pk]
    assert steps_of(running)[0].message == first.message
    assert steps_of(running)[0].anchor == ""
    assert Campaign.objects.get().goal == running.goal


# -- meanwhile


def test_two_people_at_one_campaign_the_second_is_told_and_may_insist(manager, running):
    mine = form_of(manager.get(at("revise", running.pk)))
    Campaign.objects.update(name="Changed by a colleague")

    told = manager.post(at("revise", running.pk), {**mine, "name": "Mine"})
    between = Campaign.objects.get().name
    again = {**form_of(told), "name": "Mine"}
    manager.post(at("revise", running.pk), again)

    assert told.status_code == 422
    assert "somebody else changed this campaign" in said(told)[0]
    assert (between, Campaign.objects.get().name) == ("Changed by a colleague", "Mine")


def test_a_slip_does_not_hide_that_somebody_was_faster(manager, running):
    """What she saves after it would undo the other's change unseen."""
    mine = form_of(manager.get(at("revise", running.pk)))
    Campaign.objects.update(name="Changed by a colleague")

    slip = {**mine, f"step-{steps_of(running)[0].pk}-wait_days": "-1"}
    told = said(manager.post(at("revise", running.pk), slip))

    assert "marked in red" in told[0]
    assert "somebody else changed this campaign" in told[1]


def test_without_the_fingerprint_the_second_overwrites_the_first(
    manager, running, monkeypatch
):
    monkeypatch.setattr(revision, "fingerprint", lambda *_anything: "same")
    mine = form_of(manager.get(at("revise", running.pk)))
    Campaign.objects.update(name="Changed by a colleague")

    manager.post(at("revise", running.pk), {**mine, "name": "Mine"})

    assert Campaign.objects.get().name == "Mine"


def test_a_message_that_was_changed_since_she_looked_is_not_taken_over(
    manager, running
):
    first = steps_of(running)[0]
    rewrite(first)
    mine = form_of(manager.get(at("revise", running.pk)))
    rewrite(first, "Third words: {{ links.store }}")

    told = manager.post(
        at("revise", running.pk), {**mine, f"step-{first.pk}-text": "all"}
    )

    assert told.status_code == 422
    assert texts(running) == [1, 1]
    assert f'name="step-{first.pk}-text" value="all" checked' in told.text
    assert "<ins>Third words" in told.text


def test_one_that_changes_between_publishing_and_the_deed_is_not_either(
    manager, running, monkeypatch
):
    first = steps_of(running)[0]
    rewrite(first)
    publish = revision.publish

    def slow(*arguments):
        published = publish(*arguments)
        rewrite(first, "Third words: {{ links.store }}")
        return published

    monkeypatch.setattr(revision, "publish", slow)
    told = save(manager, running, **{f"step-{first.pk}-text": "all"})

    assert told.status_code == 422
    assert "<ins>Third words" in told.text
    assert texts(running) == [1, 1]


def test_a_campaign_stopped_meanwhile_is_told(manager, running):
    mine = form_of(manager.get(at("revise", running.pk)))
    lifecycle.stop(running, UserFactory(), scenes.MORNING)

    told = manager.post(at("revise", running.pk), {**mine, "name": "Mine"}, follow=True)

    assert "does not run any more" in said(told)[0]
    assert Campaign.objects.get().name == "Spring"


def test_one_that_is_stopped_between_looking_and_the_deed_is_told_too(
    manager, running, monkeypatch
):
    def stop(*_arguments):
        lifecycle.stop(running, UserFactory(), scenes.MORNING)
        return {}

    monkeypatch.setattr(revision, "publish", stop)
    told = save(manager, running, name="Mine")

    assert told.url == at("change", running.pk)
    assert Campaign.objects.get().name == "Spring"


# -- what it costs


def test_a_thousand_cost_as_many_queries_as_three(
    manager, running, django_assert_num_queries
):
    with django_assert_num_queries(QUERIES_OF_THE_PAGE):
        manager.get(at("revise", running.pk))
    scenes.make_people(1000)
    crowd = scenes.start(scenes.make_campaign({}, {"wait_days": 3}))
    with django_assert_num_queries(QUERIES_OF_THE_PAGE):
        manager.get(at("revise", crowd.pk))


#: Session, user, what she may (2), campaign; steps (2), texts (2), whom they reach (2),
#: and the conditions on offer (3).
QUERIES_OF_THE_PAGE = 14


def test_a_stranger_s_step_is_not_touched(running):
    other = scenes.start(scenes.make_campaign())
    stranger = steps_of(other)[0]

    with pytest.raises(ValueError, match="not in list"):
        revision.apply(running, [Revised(stranger)], None, scenes.MORNING)


# -- where its message is changed


def message_page(client, step):
    address = reverse("admin:campaign_messages_message_change", args=[step.message_id])
    return client.get(address).text


def test_whoever_changes_a_message_reads_that_a_campaign_keeps_its_text(
    manager, running
):
    first, second = steps_of(running)
    rewrite(first)

    changed, kept = message_page(manager, first), message_page(manager, second)

    assert f'<a href="{at("revise", running.pk)}">Spring</a>' in changed
    assert "runs with an older text" in changed
    assert "runs with this text" in kept
    assert "runs with an older text" not in kept


def test_it_names_no_campaign_that_writes_to_nobody_any_more(manager, running):
    running.enrolments.update(state="finished", due_at=None)
    with_planned = message_page(manager, steps_of(running)[0])
    lifecycle.stop(running, UserFactory(), scenes.MORNING)
    stopped = message_page(manager, steps_of(running)[0])

    assert at("revise", running.pk) in with_planned
    assert at("revise", running.pk) not in stopped


def test_nor_to_whom_campaigns_are_not_shown(running):
    message = steps_of(running)[0].message

    assert len(uses.of(message, UserFactory(role=Role.MARKETING_MANAGER))) == 1
    assert uses.of(message, UserFactory(role=Role.TRAINER)) == []


def test_steps_of_one_name_are_told_apart(manager, running):
    rewrite(steps_of(running)[1])
    Step.objects.update(name="Reminder")

    save(manager, running, **{f"step-{steps_of(running)[1].pk}-text": "coming"})

    page = manager.get(at("change", running.pk)).text
    assert "Step 2, “Reminder”: new text" in page
