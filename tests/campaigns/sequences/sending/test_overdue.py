"""What a person decides of overdue messages when she lets a database send."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.journal import clock
from accounts.staff.models import Role
from campaigns.messages.models import Message
from campaigns.sequences import arming
from campaigns.sequences.models import Delivery, SendingAct
from campaigns.sequences.sending import overdue
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from campaigns.sequences.sending.overdue import Choice
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_people,
    start,
)
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
LATER = MORNING + 2 * HOUR


@pytest.fixture
def asleep():
    """Four buyers, two campaigns; both messages came due while nothing was sent."""
    people = make_people(4)
    for _two in range(2):
        start(make_campaign({"late": "send"}))
    advance(MORNING)
    arming.disarm()
    return people


def found():
    return sorted(Delivery.objects.values_list("state", "reason"))


def test_they_are_counted_by_campaign_before_anybody_decides(asleep):
    seen = overdue.summarise(LATER)
    assert (seen.messages, seen.buyers, seen.too_late) == (8, 4, 0)
    assert [(one.messages, one.buyers) for one in seen.campaigns] == [(4, 4)] * 2


def test_without_a_decision_nothing_happens(asleep):
    with pytest.raises(overdue.DecisionMissing):
        overdue.arm(UserFactory(), LATER)
    assert not arming.is_armed()
    assert found() == [("planned", "")] * 8


def test_none_is_sent_and_each_says_so_with_a_name(asleep, worker, smtp):
    anna = UserFactory()
    decided = overdue.arm(anna, LATER, choice=Choice.NONE, note="the old one sent them")
    assert (decided.to_send, decided.not_sent) == (0, 8)
    assert arming.is_armed()
    deliver(LATER, worker=worker)
    assert smtp.mails == []
    assert found() == [("skipped", "overdue_not_sent")] * 8
    row = Delivery.objects.first()
    assert (row.settled_by, row.settled_note) == (anna, "the old one sent them")
    act = SendingAct.objects.get()
    assert (act.act, act.by, act.reason) == ("armed", anna, "the old one sent them")


def test_each_buyer_gets_the_newest_one_and_not_at_once(asleep, worker, smtp):
    decided = overdue.arm(UserFactory(), LATER, choice=Choice.NEWEST, hours=4)
    assert (decided.to_send, decided.not_sent) == (4, 4)
    dues = list(
        Delivery.objects.filter(state="planned")
        .order_by("due_at")
        .values_list("due_at", flat=True)
    )
    assert dues == [LATER + n * HOUR for n in range(4)]
    deliver(LATER, worker=worker)
    assert len(smtp.mails) == 1
    for n in range(1, 5):
        deliver(LATER + n * HOUR, worker=worker)
    assert sorted(smtp.recipients().values()) == [1] * 4
    kept = Delivery.objects.filter(state="sent").values_list("campaign", flat=True)
    assert len(set(kept)) == 1


def test_negative_control_armed_without_a_decision_all_go_at_once(asleep, worker, smtp):
    arming.arm(None, LATER)
    deliver(LATER, worker=worker)
    assert len(smtp.mails) == 8


def test_what_is_too_late_is_not_sent_and_hides_nothing(asleep):
    newest = Delivery.objects.order_by("-pk").values_list("pk", flat=True)[:4]
    Delivery.objects.filter(pk__in=list(newest)).update(not_after=MORNING)
    overdue.arm(UserFactory(), LATER, choice=Choice.NEWEST)
    assert found() == [
        *[("planned", "overdue_spread")] * 4,
        *[("skipped", "too_late")] * 4,
    ]


def test_a_step_that_came_due_meanwhile_is_part_of_the_decision(worker, smtp):
    make_people(3)
    start(make_campaign())
    arming.disarm()
    assert overdue.summarise(LATER).unplanned == 3
    overdue.arm(UserFactory(), LATER, choice=Choice.NONE)
    deliver(LATER, worker=worker)
    assert smtp.mails == []
    assert found() == [("skipped", "overdue_not_sent")] * 3


def test_with_nothing_overdue_there_is_nothing_to_decide():
    decided = overdue.arm(UserFactory(), LATER)
    assert (decided.to_send, decided.not_sent) == (0, 0)
    assert arming.is_armed()


def test_what_a_paused_campaign_holds_stays_as_it_is(asleep):
    campaign = Delivery.objects.first().campaign
    type(campaign).objects.filter(pk=campaign.pk).update(state="paused")
    overdue.arm(UserFactory(), LATER, choice=Choice.NONE)
    assert campaign.deliveries.filter(state="planned").count() == 4


# -- The page and the command --------------------------------------------------------


@pytest.fixture
def administrator(client):
    user = UserFactory(role=Role.ADMINISTRATOR)
    client.force_login(
        user, backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    client.user = user
    return client


PAGE = "sending:arming"


def test_the_page_lists_them_and_asks(administrator, asleep, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LATER)
    text = administrator.get(reverse(PAGE)).content.decode()
    assert "8 messages are overdue" in text
    assert str(asleep[0]) in text
    arm = reverse("sending:arm")
    said = administrator.post(arm, {"confirm": "1"}, follow=True).content.decode()
    assert "Say what becomes of the overdue messages." in said
    assert not arming.is_armed()
    typed = {"confirm": "1", "overdue": "newest", "hours": "8", "note": "moved"}
    said = administrator.post(arm, typed, follow=True).content.decode()
    assert "go out by and by: 4. Not sent: 4." in said
    assert "This installation sends." in said
    again = administrator.post(arm, {"confirm": "1"}, follow=True)
    assert again.status_code == 200
    assert Delivery.objects.filter(state="planned").count() == 4


def test_the_page_calls_a_notice_by_its_message(administrator, asleep, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LATER)
    first = Delivery.objects.earliest("pk")
    rows = Delivery.objects.filter(pk=first.pk)
    rows.update(step=None, enrolment=None, campaign=None, notice="training.seat:1")
    Message.objects.filter(versions=first.message_version).update(name="Your seat")
    text = administrator.get(reverse(PAGE)).text
    assert "Your seat" in text
    assert "training.seat:1" not in text


def test_an_administrator_stops_everything(administrator):
    arming.arm(None, MORNING)
    disarm = reverse("sending:disarm")
    administrator.post(disarm, {})
    assert arming.is_armed()
    administrator.post(disarm, {"confirm": "1", "note": "wrong prices"})
    assert not arming.is_armed()
    act = SendingAct.objects.get()
    assert (act.act, act.by, act.reason) == (
        "disarmed",
        administrator.user,
        "wrong prices",
    )


def test_a_contested_database_is_not_armed_by_a_click(administrator, settings):
    from campaigns.sequences.sending import heartbeat

    heartbeat.beat("dispatcher", "there", clock.now())
    settings.ARMING_KEY = "another environment's key, also thirty-two long"
    arm = reverse("sending:arm")
    said = administrator.post(arm, {"confirm": "1"}, follow=True).content.decode()
    assert "Another installation is at work" in said


def test_the_command_wants_the_same_decision(asleep, monkeypatch, capsys):
    monkeypatch.setattr(clock, "now", lambda: LATER)
    with pytest.raises(CommandError, match="--overdue"):
        call_command("arm", yes=True)
    call_command("arm", yes=True, overdue="newest", hours=2)
    assert "4 go out by and by, 4 do not" in capsys.readouterr().out
    assert arming.is_armed()
