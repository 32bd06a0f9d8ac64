"""Steps that wait for the start or the end of a session, and go along when it moves."""

from datetime import date, time, timedelta

import pytest

from accounts.journal import invariants
from campaigns.messages.models import Brand
from campaigns.sequences.models import Campaign, Delivery, Enrolment
from campaigns.sequences.planning import lifecycle, playbooks
from campaigns.sequences.sending import advance, anchors
from campaigns.training import changes, seats
from campaigns.training.anchors import BOOKED, END, START
from campaigns.training.playbooks import PLAYBOOKS
from campaigns.training.seats import Act
from tests.campaigns.sequences import scenes
from tests.campaigns.training.scenes import (
    DAY,
    HOUR,
    NOON,
    STARTS,
    book,
    by_staff,
    make_session,
    seat_of,
)
from tests.factories import BuyerFactory, PermissionFactory

pytestmark = pytest.mark.django_db

DAY_BEFORE = {"anchor": START, "anchor_minutes": -24 * 60, "late_after_hours": 12}
HOUR_AFTER = {"anchor": END, "anchor_minutes": 60}


def service():
    return scenes.make_message(purpose="service")


def make_campaign(*steps, entry=BOOKED, **fields):
    texts = [{"message": service(), **step} for step in steps]
    campaign = scenes.make_campaign(*texts, goal="none", entry=entry, **fields)
    return scenes.start(campaign, NOON)


def come(session, buyer=None):
    buyer = buyer or PermissionFactory().buyer
    return seat_of(book(session, buyer))


def turn(at):
    """What the dispatcher does, without sending."""
    anchors.follow(at)
    advance.advance(at)
    anchors.follow(at)


def due():
    return list(Enrolment.objects.order_by("id").values_list("due_at", flat=True))


def sound():
    return [one for one in invariants.audit(NOON) if not one.holds]


def test_who_books_comes_in_and_is_due_a_day_before_it_starts():
    campaign, session = make_campaign(DAY_BEFORE, HOUR_AFTER), make_session()
    assert campaign.state == Campaign.State.RUNNING

    seat = come(session)
    assert anchors.follow(NOON) == 2
    assert anchors.follow(NOON) == 0

    (enrolment,) = Enrolment.objects.all()
    assert (enrolment.buyer, enrolment.subject) == (seat.buyer, f"seat:{seat.uuid}")
    assert enrolment.due_at == STARTS - DAY


def test_steps_go_out_one_after_the_other_each_by_its_own_moment():
    make_campaign(DAY_BEFORE, HOUR_AFTER)
    session = make_session()
    come(session)
    turn(NOON)
    turn(STARTS - DAY)
    assert due() == [session.ends_at + HOUR]

    turn(session.ends_at + HOUR)

    dues = list(Delivery.objects.order_by("id").values_list("state", "due_at"))
    assert dues == [("planned", STARTS - DAY), ("planned", session.ends_at + HOUR)]
    assert Enrolment.objects.get().state == "finished"
    assert sound() == []


def test_when_the_session_moves_what_is_due_moves_along():
    make_campaign(DAY_BEFORE)
    session = make_session()
    come(session)
    turn(NOON)
    changes.revise(session.pk, by_staff(), day=date(2026, 3, 12), hour=time(16))
    turn(NOON)
    assert due() == [STARTS + DAY + 6 * HOUR]


def test_when_she_moves_to_another_date_so_does_it():
    make_campaign(DAY_BEFORE)
    here, there = make_session(), make_session(day=date(2026, 3, 17))
    seat = come(here)
    turn(NOON)
    seats.move(seat, there.pk, Act(NOON))
    turn(NOON)
    assert due() == [STARTS + 6 * DAY]


@pytest.mark.parametrize("how", ["given up", "called off"])
def test_what_was_given_up_or_called_off_is_let_go(how):
    make_campaign(DAY_BEFORE)
    session = make_session()
    seat = come(session)
    turn(NOON)
    if how == "given up":
        seats.cancel(seat, Act(NOON))
    else:
        changes.cancel(session.pk, by_staff())
    turn(NOON)
    enrolment = Enrolment.objects.get()
    assert (enrolment.state, enrolment.exit_reason) == ("exited", "subject_over")
    turn(STARTS - DAY)
    assert not Delivery.objects.exists()


def test_who_books_again_comes_in_again():
    make_campaign(DAY_BEFORE)
    first, second = make_session(), make_session(day=date(2026, 3, 17))
    buyer = PermissionFactory().buyer
    come(first, buyer)
    turn(NOON)
    turn(STARTS - DAY)
    come(second, buyer)
    turn(STARTS - DAY)
    turn(STARTS + 6 * DAY)

    laps = list(Enrolment.objects.order_by("id").values_list("lap", flat=True))
    assert laps == [1, 2]
    assert Delivery.objects.filter(state="planned", buyer=buyer).count() == 2
    assert sound() == []


def test_a_reminder_that_would_come_after_the_fact_is_left_out():
    """She booked an hour before it starts."""
    make_campaign(DAY_BEFORE, HOUR_AFTER)
    session = make_session()
    late = STARTS - HOUR
    seat_of(book(session, PermissionFactory().buyer, at=late))
    turn(late)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.reason) == ("skipped", "too_late")
    assert due() == [session.ends_at + HOUR]


def test_nothing_before_a_moment_is_sent_after_it():
    make_campaign({"anchor": START, "anchor_minutes": -15})
    come(make_session())
    turn(NOON)
    turn(STARTS - timedelta(minutes=15))
    assert Delivery.objects.get().not_after == STARTS


def test_only_the_audience_comes_in():
    rule = {"all": [{"condition": "city", "value": "Zaragoza", "not": False}]}
    make_campaign(DAY_BEFORE, audience=rule)
    session = make_session()
    inside = PermissionFactory(buyer__account__city="Zaragoza").buyer
    come(session, inside)
    come(session)
    turn(NOON)
    assert Enrolment.objects.get().buyer == inside


def test_an_invited_audience_waits_until_each_has_a_seat():
    """Without an entry: the first step goes out by days, the second by her seat."""
    coming, staying = (PermissionFactory().buyer for _ in range(2))
    make_campaign({}, DAY_BEFORE, entry="")
    morning = NOON + DAY
    turn(morning)
    assert due() == [None, None]

    come(make_session(), coming)
    turn(morning)

    by_buyer = dict(Enrolment.objects.values_list("buyer", "due_at"))
    assert by_buyer == {coming.pk: STARTS - DAY, staying.pk: None}


def test_an_invited_audience_waits_again_for_another_seat():
    buyer = PermissionFactory().buyer
    make_campaign(DAY_BEFORE, entry="")
    turn(NOON)
    assert due() == [None]
    seat = come(make_session(), buyer)
    turn(NOON)
    seats.cancel(seat, Act(NOON))
    turn(NOON)
    assert due() == [None]
    come(make_session(day=date(2026, 3, 17)), buyer)
    turn(NOON)
    assert due() == [STARTS + 6 * DAY]


def test_a_paused_campaign_takes_nobody_in():
    campaign = make_campaign(DAY_BEFORE)
    lifecycle.pause(campaign, None, NOON)
    come(make_session())
    assert anchors.follow(NOON) == 0


def test_without_such_campaigns_it_costs_two_statements(django_assert_num_queries):
    with django_assert_num_queries(2):
        anchors.follow(NOON)


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda one: one.slug)
def test_every_playbook_can_be_started(playbook):
    Brand.objects.create(
        name="Duero",
        sender_name="Duero",
        sender_email="hello@duero.example",
        postal_address="1 Street",
        is_default=True,
    )
    BuyerFactory(), PermissionFactory()
    campaign = playbooks.apply(playbook, "Try")
    assert scenes.start(campaign, NOON).state == Campaign.State.RUNNING
