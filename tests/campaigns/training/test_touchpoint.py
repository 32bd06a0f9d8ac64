"""What training declares of itself holds true."""

from dataclasses import replace

import pytest

from accounts.customers.models import Buyer
from accounts.journal import kinds, react
from campaigns.messages import publish, starters
from campaigns.sequences import touchpoints
from campaigns.training import about, facts, recordings, seats
from campaigns.training.seats import Act
from campaigns.training.touchpoint import touchpoint
from tests.campaigns.invitations.conftest import recipient
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
from tests.campaigns.training.test_telling import brand  # noqa: F401 - a fixture
from tests.factories import BuyerFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("starter", touchpoint.starters, ids=lambda one: one.slug)
def test_every_starter_can_be_published_as_it_is(brand, starter):  # noqa: F811
    message = starters.add(
        starter.slug,
        str(starter.label),
        starter.texts,
        service=starter.service,
        touchpoint=touchpoint.slug,
        brand=brand,
    )
    version = publish.publish(message, None, NOON)
    assert {text.language for text in version.texts.all()} == {"en", "es"}


def test_every_kind_is_known_to_the_journal():
    assert {kind.slug for kind in touchpoint.kinds} <= set(kinds.known())


def test_every_fact_is_told():
    (group,) = touchpoint.facts
    book(make_session(), buyer := BuyerFactory())
    told = facts.of([recipient(buyer)])[1]
    assert set(told) == {fact.name for fact in group.facts}


def test_the_clock_has_nothing_to_do_twice():
    for tick in touchpoints.ticks():
        assert tick.deed(NOON) == 0


def who(slug, at=NOON):
    (condition,) = [one for one in touchpoint.conditions if one.slug == slug]
    return set(Buyer.objects.filter(condition.q(True, at)))


def test_conditions_tell_apart_where_people_stand():
    session = make_session(capacity=2)
    coming, absent, waiting, _stranger = BuyerFactory.create_batch(4)
    seat = seat_of(book(session, coming))
    book(session, absent), book(session, waiting)

    assert who("has_seat") == {coming, absent}
    assert who("seat_waiting") == {waiting}
    assert who("seat_reconfirmed") == set()
    seats.reconfirm(seat, Act(NOON), coming=True)
    assert who("seat_reconfirmed") == {coming}

    seats.check_in(seat, Act(STARTS))
    seats.close(session.pk, by_staff(STARTS + HOUR))
    later = STARTS + DAY
    assert who("has_seat", later) == set()
    assert who("attended", later) == who("trained", later) == {coming}
    assert who("missed", later) == {absent}


def test_who_came_the_next_time_has_not_missed_it():
    first, second = make_session(), make_session(day=STARTS.date() + 7 * DAY)
    buyer = BuyerFactory()
    book(first, buyer)
    seats.close(first.pk, by_staff(STARTS + HOUR))
    assert who("missed") == {buyer}
    seats.check_in(seat_of(book(second, buyer)), Act(second.starts_at))
    assert who("missed") == set()


def test_a_recording_that_counts_makes_trained():
    session, buyer = make_session(watched_counts=True), BuyerFactory()
    recordings.watch(session, buyer, STARTS, 90)
    react.react(STARTS)
    assert who("trained") == {buyer}


def test_attendance_put_right_is_right_in_conditions():
    session = make_session()
    seat = seat_of(book(session))
    seats.check_in(seat, Act(STARTS))
    react.react(STARTS)
    seats.correct(seat, "no_show", by_staff(STARTS + HOUR))
    assert who("trained") == who("attended") == set()


def test_a_message_is_about_the_seat_it_was_planned_for():
    early, late = make_session(), make_session(day=STARTS.date() + 7 * DAY)
    buyer = BuyerFactory()
    second = seat_of(book(late, buyer))
    first = seat_of(book(early, buyer))
    plain = recipient(buyer)
    change = second.changes.get()
    notice = replace(plain, delivery_id=2, notice=about.key("booked", change.pk))
    subject = replace(plain, delivery_id=3, subject=f"seat:{second.uuid}")

    found = about.seats_of([plain, notice, subject])

    assert found[2] == found[3] == second
    assert found[1] == (first if first.session.ends_at > NOON else second)


@pytest.mark.parametrize("link", touchpoint.links, ids=lambda one: one.name)
def test_links_are_made_for_a_whole_chunk(link, django_assert_max_num_queries):
    people = BuyerFactory.create_batch(3)
    session = make_session(capacity=5)
    for buyer in people:
        book(session, buyer)
    asked = [recipient(buyer, number=n) for n, buyer in enumerate(people)]
    with django_assert_max_num_queries(3):
        urls = link.urls(asked)
    assert len(set(urls.values())) == 3
    assert link.sample().startswith("http")
