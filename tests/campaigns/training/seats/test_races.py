"""Everybody at once, each with a connection of her own; and without the guards."""

from collections import Counter
from random import Random
from threading import Barrier

import pytest
from django.db import IntegrityError, connection
from django.db.models import F

from accounts.journal import invariants
from accounts.journal.models import Event
from campaigns.training import seats
from campaigns.training.models import Seat, Session
from campaigns.training.seats import Act, Guest, Refused, booking, counts, leaving
from campaigns.training.seats.history import Overtaken
from campaigns.training.seats.locks import Held
from tests.campaigns.training.scenes import (
    NOON,
    book,
    by_staff,
    make_session,
    seat_of,
    taken,
)
from tests.factories import AccountFactory, BuyerFactory, UserFactory
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

CONNECTIONS = 20


def try_to_book(session, buyer, **options):
    try:
        return book(session, buyer, **options).state
    except Refused as refused:
        return refused.why


def sound():
    """The audit's sentences about seats that do not hold."""
    found = [one for one in invariants.audit(NOON) if one.invariant.code == "I5"]
    assert found
    return [one.invariant.sentence for one in found if not one.holds]


# -- F16


@pytest.mark.slow
def test_a_thousand_at_once_get_exactly_the_ten_seats():
    session = make_session(capacity=10)
    company = AccountFactory()
    people = BuyerFactory.create_batch(1000, account=company)

    def deed():
        mine = [people.pop() for _ in range(1000 // CONNECTIONS)]
        return Counter(try_to_book(session, one, wait=False) for one in mine)

    answers = sum(at_once(deed, CONNECTIONS), Counter())

    assert answers == {"booked": 10, "full": 990}
    assert taken(session) == 10
    assert Event.objects.filter(kind="booked").count() == 10
    assert sound() == []


@pytest.fixture
def no_lock(monkeypatch):
    """Deeds read what is there and hold nothing."""

    def read(session_ids, pool_ids=()):
        found = Session.objects.filter(pk__in=session_ids)
        return Held({one.pk: one for one in found}, {})

    monkeypatch.setattr(booking, "hold_sessions", read)
    monkeypatch.setattr(leaving, "hold", read)


@pytest.fixture
def no_constraint():
    name = "session_never_overbooked"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE training_session DROP CONSTRAINT {name}")
    yield
    Session.objects.update(capacity=F("taken"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE training_session ADD CONSTRAINT {name}"
            " CHECK (taken <= capacity)"
        )


def take_without_condition(together):
    """Look first, and take then: what everybody writes the first time."""

    def take(held, session, number):
        if session.capacity - session.taken < number:
            raise Refused("full")
        together.wait(timeout=10)
        Session.objects.filter(pk=session.pk).update(taken=F("taken") + number)

    return take


def book_two_at_once(session):
    people = BuyerFactory.create_batch(2)
    return Counter(at_once(lambda: try_to_book(session, people.pop())))


def test_without_lock_condition_and_constraint_a_seat_is_sold_twice(
    monkeypatch, no_lock, no_constraint
):
    monkeypatch.setattr(counts, "take", take_without_condition(Barrier(2)))
    session = make_session(capacity=1)

    assert book_two_at_once(session) == {"booked": 2}

    session.refresh_from_db()
    assert (session.taken, session.capacity) == (2, 1)
    assert sound()


def test_the_constraint_alone_still_refuses_the_second(monkeypatch, no_lock):
    monkeypatch.setattr(counts, "take", take_without_condition(Barrier(2)))
    session = make_session(capacity=1)
    with pytest.raises(IntegrityError):
        book_two_at_once(session)
    assert taken(session) == 1


def test_the_condition_alone_still_refuses_the_second(no_lock, no_constraint):
    session = make_session(capacity=1, has_waiting_list=False)
    assert book_two_at_once(session) == {"booked": 1, "full": 1}
    assert taken(session) == 1


# -- one buyer, one company


def test_twice_at_once_is_one_seat():
    session, buyer = make_session(), BuyerFactory()
    assert at_once(lambda: try_to_book(session, buyer), 6) == ["booked"] * 6
    assert taken(session) == 1


def test_a_company_cannot_hurry_past_its_limit():
    session, company = make_session(9, seats_per_account=1), AccountFactory()
    people = BuyerFactory.create_batch(4, account=company)
    answers = Counter(at_once(lambda: try_to_book(session, people.pop()), 4))
    assert answers == {"booked": 1, "company_limit": 3}


def test_without_the_lock_it_would(monkeypatch, no_lock):
    session, company = make_session(9, seats_per_account=1), AccountFactory()
    people = BuyerFactory.create_batch(2, account=company)
    counted = Barrier(2)
    check = booking._Plan._check_company

    def check_together(plan, session):
        check(plan, session)
        counted.wait(timeout=10)

    monkeypatch.setattr(booking._Plan, "_check_company", check_together)

    answers = Counter(at_once(lambda: try_to_book(session, people.pop())))

    assert answers == {"booked": 2}


# -- the queue


def test_two_who_leave_at_once_make_room_for_two():
    session = make_session(capacity=2)
    leaving_now = [seat_of(book(session)) for _ in range(2)]
    waiting = [book(session) for _ in range(3)]

    at_once(lambda: seats.cancel(leaving_now.pop(), Act(NOON)))

    states = [one.booking.seats.get().state for one in waiting]
    assert states == ["offered", "offered", "waiting"]
    assert taken(session) == 2


def test_without_the_lock_both_would_offer_to_the_same(monkeypatch, no_lock):
    session = make_session(capacity=2)
    leaving_now = [seat_of(book(session)) for _ in range(2)]
    for _ in range(3):
        book(session)
    looked = Barrier(2)

    def give_back(held, session, number):
        session.taken -= number

    def take_late(held, session, number):
        """Both have found who is next before either writes it down."""
        session.taken += number
        looked.wait(timeout=10)

    monkeypatch.setattr(counts, "give_back", give_back)
    monkeypatch.setattr(counts, "take", take_late)

    with pytest.raises(Overtaken):
        at_once(lambda: seats.cancel(leaving_now.pop(), Act(NOON)))


def test_an_offer_accepted_and_declined_at_once_is_one_of_both():
    session = make_session(capacity=1)
    holder = book(session)
    first, second = book(session), book(session)
    seats.cancel(seat_of(holder), Act(NOON))
    deeds = [seats.accept, seats.decline]

    def deed():
        try:
            deeds.pop()(first.booking, Act(NOON))
        except Refused as refused:
            return refused.why
        return "done"

    answers = at_once(deed)

    accepted = seat_of(first).state == "booked"
    assert seat_of(second).state == ("waiting" if accepted else "offered")
    assert answers.count("done") >= 1
    assert taken(session) == 1


def test_moves_in_opposite_directions_do_not_wait_in_a_circle():
    here, there = make_session(8), make_session(8)
    moves = [(seat_of(book(here)), there) for _ in range(4)]
    moves += [(seat_of(book(there)), here) for _ in range(4)]

    def deed():
        seat, target = moves.pop()
        seats.move(seat, target.pk, Act(NOON))

    at_once(deed, 8)

    assert (taken(here), taken(there)) == (4, 4)
    assert Seat.objects.filter(revision=1).count() == 8


@pytest.mark.slow
def test_a_storm_of_everything_leaves_every_sum_right():
    """Bookings, cancellations, answers, capacity edits and sweeps, all at once."""
    session = make_session(capacity=6)
    people = BuyerFactory.create_batch(40)
    chief = UserFactory()
    seeds = list(range(8))

    def deed():
        random = Random(seeds.pop())
        return Counter(_something(random, session, people, chief) for _ in range(30))

    done = sum(at_once(deed, 8), Counter())

    assert done["refused"] < sum(done.values())
    assert sound() == []
    assert taken(session) <= session.capacity


def _something(random, session, people, chief):
    mine = Seat.objects.filter(session=session, buyer=random.choice(people))
    seat = mine.select_related("booking").order_by("-pk").first()
    act = Act(NOON)
    try:
        match random.randrange(9):
            case 0:
                size = random.randint(4, 9)
                seats.resize(session.pk, size, Act(NOON, "staff", chief))
            case 1:
                seats.sweep(NOON)
            case 2 | 3 if seat:
                seats.cancel(seat, act)
            case 4 if seat:
                seats.decline(seat.booking, act)
            case 5 | 6 if seat:
                seats.accept(seat.booking, act)
            case _:
                buyer = random.choice(people)
                guests = [Guest(buyer.pk)]
                seats.book(session.pk, guests, act, account_id=buyer.account_id)
    except Refused:
        return "refused"
    return "done"


def test_a_capacity_edit_and_a_booking_at_once_never_cross():
    session = make_session(capacity=2, has_waiting_list=False)
    book(session)
    buyer, chief = BuyerFactory(), by_staff()
    deeds = [
        lambda: try_to_book(session, buyer),
        lambda: seats.resize(session.pk, 1, chief).capacity,
    ]

    def deed():
        try:
            return deeds.pop()()
        except Refused as refused:
            return refused.why

    answers = at_once(deed)

    assert sorted(map(str, answers)) in (["1", "full"], ["booked", "taken"])
    assert taken(session) <= session.capacity


def test_a_capacity_written_past_the_deed_is_refused_by_the_database():
    session = make_session(capacity=2)
    book(session), book(session)
    with pytest.raises(IntegrityError):
        Session.objects.filter(pk=session.pk).update(capacity=1)
