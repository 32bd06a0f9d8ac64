"""Changing a campaign that runs: nobody gets a step twice, and everybody gets the text
that she was meant to get."""

from threading import Thread

import pytest
from django.db import transaction

from campaigns.messages.models import MessageText
from campaigns.sequences.models import Campaign, CampaignAct, Delivery, Queued
from campaigns.sequences.planning import changes, lifecycle, revision, standstill
from campaigns.sequences.planning.revision import Revised
from campaigns.sequences.sending import advance, claim
from tests.campaigns.sequences import scenes
from tests.factories import UserFactory
from tests.races import beside, wait_until_somebody_waits

pytestmark = pytest.mark.django_db

OTHER = "Other words, {{ buyer.first_name }}: {{ links.store }}"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr("campaigns.messages.trial.run", lambda *_anything: None)


def begin(people=3):
    """Its first message is planned for everybody, its second still to come."""
    scenes.make_people(people)
    campaign = scenes.start(scenes.make_campaign({}, {"wait_days": 3}))
    advance.advance(scenes.MORNING)
    return campaign


@pytest.fixture
def running():
    return begin()


def steps_of(campaign):
    return revision.steps_of(Campaign.objects.get(pk=campaign.pk))


def rewrite(step, body=OTHER):
    MessageText.objects.filter(message=step.message_id).update(body=body)


def take_over(campaign, place=0, *, planned_too=False, by=None):
    """As the page does it: published first, then all at once."""
    texts = revision.publish([steps_of(campaign)[place]], by, scenes.MORNING)
    with transaction.atomic():
        locked = revision.lock(campaign.pk)
        step = revision.steps_of(locked)[place]
        wish = Revised(step, texts[step.pk], planned_too=planned_too)
        return revision.apply(locked, [wish], by, scenes.MORNING)


def numbers():
    """Which version each message goes out with."""
    rows = Delivery.objects.order_by("pk").select_related("message_version")
    return [row.message_version.number for row in rows]


# -- texts


def test_what_is_planned_keeps_its_text_and_what_comes_gets_the_new_one(running):
    first, second = steps_of(running)
    rewrite(first)
    rewrite(second)

    take_over(running, 0)
    take_over(running, 1)
    before = numbers()
    advance.advance(scenes.MORNING.replace(day=28))

    assert before == [1, 1, 1]
    assert numbers() == [1, 1, 1, 2, 2, 2]
    assert [step.message_version.number for step in steps_of(running)] == [2, 2]


def test_what_is_planned_gets_the_new_text_where_that_was_asked_for(running):
    rewrite(steps_of(running)[0])

    act = take_over(running, planned_too=True)

    assert numbers() == [2, 2, 2]
    assert act.details["steps"][0]["planned"] == 3
    assert Queued.objects.count() == 3


def test_what_a_sender_has_taken_keeps_the_text_with_which_it_was_taken(running):
    rewrite(steps_of(running)[0])
    claimed = claim.take(scenes.MORNING, worker="sender", limit=1)

    take_over(running, planned_too=True)

    kept = Delivery.objects.filter(message_version__number=1)
    assert list(kept.values_list("pk", flat=True)) == claimed


def test_what_was_settled_keeps_the_text_that_was_said(running):
    rewrite(steps_of(running)[0])
    one = Delivery.objects.first()
    Delivery.objects.filter(pk=one.pk).update(state="skipped", reason="too_late")

    take_over(running, planned_too=True)

    one.refresh_from_db()
    assert one.message_version.number == 1


def test_other_steps_and_campaigns_keep_their_texts(running):
    other = scenes.start(
        scenes.make_campaign({"message": steps_of(running)[0].message})
    )
    scenes.make_people(2)
    rewrite(steps_of(running)[0])

    take_over(running, planned_too=True)
    advance.advance(scenes.MORNING)

    assert steps_of(other)[0].message_version.number == 1
    assert steps_of(running)[1].message_version.number == 1


def test_a_text_that_cannot_go_out_is_named_and_nothing_changes(running):
    rewrite(steps_of(running)[0], "{{ moon.phase }}")

    with pytest.raises(revision.CannotChange) as told:
        take_over(running)

    assert "Step “Welcome”" in str(told.value.problems[0])
    assert [step.message_version.number for step in steps_of(running)] == [1, 1]


def test_a_text_that_is_another_one_by_now_is_not_taken_over(running):
    step = steps_of(running)[0]
    rewrite(step)
    texts = revision.publish([step], None, scenes.MORNING)
    rewrite(step, "Third words.")

    with pytest.raises(revision.Overtaken):
        revision.apply(running, [Revised(step, texts[step.pk])], None, scenes.MORNING)


# -- what may be changed when


@pytest.mark.parametrize("state", ["draft", "starting", "stopped"])
def test_only_what_is_under_way_is_changed(running, state):
    Campaign.objects.update(state=state, cleared_at=None)

    with pytest.raises(revision.NotUnderWay), transaction.atomic():
        revision.lock(running.pk)


def test_a_paused_campaign_is_changed_and_goes_on_with_it(running):
    person = UserFactory()
    lifecycle.pause(running, person, scenes.MORNING)
    rewrite(steps_of(running)[0])

    take_over(running, planned_too=True)
    lifecycle.resume(running, person, scenes.MORNING)

    claimed = claim.claim(scenes.MORNING, worker="sender", limit=10)
    version = steps_of(running)[0].message_version_id
    assert {one.version_id for one in claimed} == {version}
    assert len(claimed) == 3


# -- history


def test_the_history_says_who_changed_what_and_for_how_many(running):
    person = UserFactory()
    rewrite(steps_of(running)[0])

    take_over(running, planned_too=True, by=person)

    act = running.acts.get(act=CampaignAct.Act.CHANGED)
    assert (act.by, act.at) == (person, scenes.MORNING)
    assert changes.describe(act.details) == [
        "Step 1, “Welcome”: new text (version 2) for 3 messages planned already.",
    ]
    assert changes.of_texts([act]) == {steps_of(running)[0].pk: [scenes.MORNING]}


def test_done_twice_it_is_noted_once(running):
    rewrite(steps_of(running)[0])

    acts = [take_over(running, planned_too=True) for _time in range(2)]

    assert [act is None for act in acts] == [False, True]
    assert running.acts.filter(act="changed").count() == 1


# -- races


def race_with_a_claim(campaign, meet):
    """The change meets a message that a sender is just taking."""
    rewrite(steps_of(campaign)[0])
    with transaction.atomic():
        taken = claim.take(scenes.MORNING, worker="sender", limit=1)
        change = beside(lambda: take_over(campaign, planned_too=True))
        meet(change)
    change.join()
    return Delivery.objects.get(pk=taken[0]).message_version.number


def is_done(change):
    """Without waiting for whoever holds a message: he may wait for another of ours."""
    change.join(timeout=60)
    assert not change.is_alive()


@pytest.mark.django_db(transaction=True)
def test_a_sender_who_is_faster_sends_the_text_that_he_took():
    assert race_with_a_claim(begin(), is_done) == 1
    assert sorted(numbers()) == [1, 2, 2]


@pytest.mark.django_db(transaction=True)
def test_without_looking_again_the_text_changes_in_his_hands(monkeypatch):
    def careless(step, text):
        planned = list(Delivery.objects.planned().filter(step=step))
        rows = Delivery.objects.filter(pk__in=[one.pk for one in planned])
        return rows.update(message_version=text)

    monkeypatch.setattr(revision, "bring_along", careless)

    def he_waits(_change):
        wait_until_somebody_waits("transactionid")

    assert race_with_a_claim(begin(), he_waits) == 2


def race_with_planning(monkeypatch, campaign, meet):
    """Somebody has read the steps, and plans by them what is changed meanwhile."""
    rewrite(steps_of(campaign)[0])
    changing, move = [], advance._move

    def slow(*arguments):
        changing.append(beside(lambda: take_over(campaign, planned_too=True)))
        meet(changing[0])
        move(*arguments)

    monkeypatch.setattr(advance, "_move", slow)
    advance.advance(scenes.MORNING)
    changing[0].join()
    return numbers()


def about_to_be_planned():
    scenes.make_people(3)
    return scenes.start(scenes.make_campaign({}, {"wait_days": 3}))


@pytest.mark.django_db(transaction=True)
def test_what_is_just_being_planned_gets_the_new_text_too(monkeypatch):
    def meet(_change):
        wait_until_somebody_waits("advisory")

    assert race_with_planning(monkeypatch, about_to_be_planned(), meet) == [2, 2, 2]


@pytest.mark.django_db(transaction=True)
def test_without_the_standstill_it_would_keep_the_old_one(monkeypatch):
    monkeypatch.setattr(standstill, "respect", lambda: None)

    raced = race_with_planning(monkeypatch, about_to_be_planned(), Thread.join)

    assert raced == [1, 1, 1]
