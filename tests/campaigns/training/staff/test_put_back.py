"""Whose campaign ended by an attendance that was none is put back where she stood."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from accounts.journal import invariants, react
from accounts.journal.models import Event
from campaigns.sequences import arming, goals
from campaigns.sequences.models import Campaign, Delivery, Enrolment
from campaigns.sequences.planning import lifecycle, rejoin
from campaigns.sequences.sending.advance import advance
from campaigns.training.goals import ended_by_mistake
from campaigns.training.models import Seat
from tests.campaigns.sequences.scenes import make_campaign, make_message, permit
from tests.campaigns.training.scenes import STARTS, book, make_session, seat_of
from tests.factories import AccountFactory, BuyerFactory, UserFactory

pytestmark = pytest.mark.django_db

BEGAN = STARTS - timedelta(days=1)


@pytest.fixture
def ana(db):
    account = AccountFactory(
        name="Talleres Ebro SL", country="ES", time_zone="Europe/Madrid"
    )
    buyer = BuyerFactory(account=account, first_name="Ana", last_name="Ruiz")
    permit([buyer])
    return buyer


@pytest.fixture
def guest(hers, ana):
    return seat_of(book(hers, ana))


@pytest.fixture
def campaign(ana, guest):
    """Of three messages, one of which is planned; the next one in a week."""
    steps = [{"wait_days": 0}, {"wait_days": 7}, {"wait_days": 7}]
    steps = [{**one, "message": make_message(str(n))} for n, one in enumerate(steps)]
    running = make_campaign(*steps, goal="trained")
    Campaign.objects.filter(pk=running.pk).update(name="Spring course")
    arming.arm(None, BEGAN)
    assert lifecycle.start(running, UserFactory(), BEGAN)
    while advance(STARTS - timedelta(minutes=30)):
        pass
    assert Delivery.objects.count() == 1
    return running


@pytest.fixture
def mistaken(campaign, guest, now, manager):
    """She is noted as there, which is put right a day later."""
    now.at = STARTS
    manager.post(reverse("training-staff:check-in", args=[guest.pk]))
    react.react_to_all(now.at)
    assert standing() == ("exited", "goal_reached", None)
    now.at = STARTS + timedelta(days=1)
    return correct(manager, guest)


def correct(client, seat, after="no_show"):
    url = reverse("training-staff:correct", args=[seat.pk])
    posted = {"after": after, "reason": "Another Ana"}
    return client.post(url, posted, follow=True).content.decode()


def put_back(client, session, *rows, **posted):
    url = reverse("training-staff:put-back", args=[session.pk])
    asked = {"enrolment": [row.pk for row in rows or Enrolment.objects.all()]}
    response = client.post(url, {**asked, **posted}, follow=True)
    return " ".join(response.content.decode().split())


def standing():
    row = Enrolment.objects.get()
    return row.state, row.exit_reason, row.due_at


def test_the_page_names_her_and_the_campaign_until_somebody_acts(
    mistaken, manager, trainer, hers
):
    door = reverse("training-staff:door", args=[hers.pk])
    session = reverse("training-staff:session", args=[hers.pk])
    for page in (
        mistaken,
        *(manager.get(url).content.decode() for url in (door, session)),
    ):
        assert "Campaigns that ended by mistake" in page
        assert "Talleres Ebro SL · Spring course" in page
        assert ">Put back<" in page
    seen = trainer.get(door).content.decode()
    assert "Marketing can put them back" in seen
    assert ">Put back<" not in seen


def test_she_goes_on_where_she_stood_when_it_was_planned(
    mistaken, manager, hers, now, ana
):
    due = STARTS + timedelta(days=7)

    page = put_back(manager, hers)

    assert "Ana Ruiz is back in “Spring course”. Next message:" in page
    state, reason, due_at = standing()
    assert (state, reason) == ("active", "")
    assert (due_at.date(), due_at > now.at) == (due.date(), True)
    assert "Campaigns that ended by mistake" not in page
    react.react_to_all(now.at)
    advance(due_at)
    assert standing()[0] == "active"
    assert Delivery.objects.filter(state="planned").count() == 2
    entry = LogEntry.objects.get(object_id=str(ana.pk))
    assert entry.user == manager.user
    assert "Spring course" in entry.change_message
    assert [one for one in invariants.audit(due_at) if not one.holds] == []


def test_what_was_due_meanwhile_is_due_at_the_next_sending_hour(
    mistaken, manager, hers, now
):
    now.at = STARTS + timedelta(days=10)

    put_back(manager, hers)

    due_at = standing()[2]
    assert timedelta() < due_at - now.at < timedelta(days=4)


def test_twice_is_once(mistaken, manager, hers):
    put_back(manager, hers)
    before = standing()

    page = put_back(manager, hers)

    assert "Nobody was put back" in page
    assert standing() == before
    assert LogEntry.objects.count() == 1


def test_right_after_the_mistake_the_next_step_does_not_end_it_again(
    campaign, guest, manager, hers, now
):
    """What was taken back a minute ago is no goal that was reached."""
    now.at = STARTS
    manager.post(reverse("training-staff:check-in", args=[guest.pk]))
    react.react_to_all(now.at)
    correct(manager, guest)
    react.react_to_all(now.at)
    put_back(manager, hers)

    advance(standing()[2])

    assert standing()[0] == "active"


def test_who_asked_the_journal_alone_would_end_it_again(
    campaign, guest, manager, hers, now, monkeypatch
):
    """The negative control."""
    monkeypatch.setattr(goals, "_STANDS", "")
    now.at = STARTS
    manager.post(reverse("training-staff:check-in", args=[guest.pk]))
    react.react_to_all(now.at)
    correct(manager, guest)
    react.react_to_all(now.at)
    put_back(manager, hers)

    advance(standing()[2])

    assert standing()[0] == "exited"


def test_who_is_trained_all_the_same_is_not_put_back(mistaken, manager, hers, ana, now):
    other = make_session(course=hers.course)
    seat = seat_of(book(other, ana))
    manager.post(reverse("training-staff:check-in", args=[seat.pk]))

    page = put_back(manager, hers)

    assert "Campaigns that ended by mistake" not in page
    assert standing()[0] == "exited"


def test_what_is_noted_as_right_again_stays_ended(mistaken, manager, hers, guest):
    correct(manager, guest, "attended")

    put_back(manager, hers)

    assert standing()[0] == "exited"


@pytest.mark.parametrize("state", ["stopped", "ended"])
def test_a_campaign_that_is_over_stays_over(mistaken, manager, hers, state):
    Campaign.objects.update(state=state)

    assert "Nobody was put back" in put_back(manager, hers)

    assert standing()[0] == "exited"


def test_whoever_left_for_another_reason_stays_out(mistaken, manager, hers):
    Enrolment.objects.update(exit_reason="left_campaign")

    put_back(manager, hers)

    assert standing()[0] == "exited"


def test_all_steps_done_is_done(mistaken, manager, hers, campaign):
    Enrolment.objects.update(position=3)

    page = put_back(manager, hers)

    assert "Ana Ruiz is back in “Spring course”." in page
    assert standing() == ("finished", "", None)


def test_only_of_this_session(mistaken, manager, hers):
    other = make_session(course=hers.course)

    assert "Nobody was put back" in put_back(manager, other)


def test_who_may_not_start_campaigns_cannot(mistaken, trainer, hers):
    url = reverse("training-staff:put-back", args=[hers.pk])

    assert trainer.post(url, {"enrolment": 1}).status_code == 403
    assert standing()[0] == "exited"


def test_looking_changes_nothing(mistaken, manager, hers):
    url = reverse("training-staff:put-back", args=[hers.pk])

    assert manager.get(url).status_code == 405


def test_nonsense_puts_nobody_back(mistaken, manager, hers):
    url = reverse("training-staff:put-back", args=[hers.pk])

    manager.post(url, {"enrolment": ["x", "-1", "9" * 40]})

    assert standing()[0] == "exited"


def test_a_step_with_a_moment_of_its_own_waits_for_it(mistaken, manager, hers):
    campaign = Campaign.objects.get()
    steps = campaign.versions.get().steps.all()
    steps.filter(pk=steps[1].pk).update(anchor="session_start")

    put_back(manager, hers)

    assert standing() == ("active", "", None)


def test_many_are_put_back_by_one_button(mistaken, manager, hers, campaign):
    row = Enrolment.objects.get()
    for lap in (2, 3):
        row.pk, row.lap = None, lap
        row.save(force_insert=True)
    assert len(ended_by_mistake(hers.pk)) == 3

    put_back(manager, hers)

    assert not rejoin.ended().exists()
    assert Event.objects.filter(kind="trained").count() == 1
    assert Seat.objects.get().state == "no_show"
