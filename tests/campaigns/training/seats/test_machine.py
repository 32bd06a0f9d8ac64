"""The life of seats in any order: bookings, answers, moves, edits and the clock."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.journal import invariants
from campaigns.training import seats
from campaigns.training.models import Booking, Pool, Seat, Session
from campaigns.training.models.seats import Seats
from campaigns.training.seats import Act, Guest, Refused, queue
from campaigns.training.seats.acts import SENTENCES
from tests.campaigns.training.scenes import NOON, make_pool, make_session
from tests.factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db


class Seating(RuleBasedStateMachine):
    """Two dates, in one pool or in none; companies book one to three seats."""

    pooled = False

    def __init__(self):
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.at = NOON
        self.pool = make_pool(capacity=5) if self.pooled else None
        self.sessions = [
            make_session(3, pool=self.pool, claim_hours=3),
            make_session(2, pool=self.pool, claim_hours=1),
        ]
        self.chief, self.company = UserFactory(), AccountFactory()
        self.before = {}

    def teardown(self):
        try:
            self.nobody_waits_before_an_empty_seat()
        finally:
            self.forget()

    def forget(self):
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    # -- what people do

    @rule(
        which=st.integers(0, 1),
        number=st.integers(1, 3),
        priority=st.sampled_from([0, 0, 0, 1]),
    )
    def book(self, which, number, priority):
        self.remember()
        with self.polite():
            booked = seats.book(
                self.sessions[which].pk,
                [Guest(name="Somebody")] * number,
                Act(self.at),
                account_id=self.company.pk,
                priority=priority,
            )
            if booked.state == "booked":
                self.nobody_was_passed(booked.seats, newcomer=True)

    @rule(which=st.integers(0, 1), number=st.integers(1, 2), hours=st.integers(1, 5))
    def hold(self, which, number, hours):
        self.remember()
        with self.polite():
            seats.hold(
                self.sessions[which].pk,
                [Guest()] * number,
                Act(self.at),
                account_id=self.company.pk,
                until=self.at + timedelta(hours=hours),
            )

    @precondition(lambda self: Seat.objects.exists())
    @rule(data=st.data(), deed=st.sampled_from(["cancel", "together"]))
    def leave(self, data, deed):
        self.remember()
        seat = self.pick(data, "held", "booked", "waiting", "offered")
        if seat is None:
            return
        with self.polite():
            if deed == "cancel":
                seats.cancel(seat, Act(self.at))
            else:
                seats.cancel_booking(seat.booking, Act(self.at))

    @precondition(lambda self: Seat.objects.exists())
    @rule(data=st.data(), deed=st.sampled_from(["accept", "decline", "confirm"]))
    def answer(self, data, deed):
        self.remember()
        wanted = "held" if deed == "confirm" else "offered"
        if (seat := self.pick(data, wanted)) is not None:
            with self.polite():
                getattr(seats, deed)(seat.booking, Act(self.at))

    @rule(data=st.data(), which=st.integers(0, 1))
    def move(self, data, which):
        self.remember()
        if (seat := self.pick(data, "booked")) is not None:
            with self.polite():
                seats.move(seat, self.sessions[which].pk, Act(self.at))

    @rule(which=st.integers(0, 1), capacity=st.integers(0, 5))
    def resize(self, which, capacity):
        self.remember()
        act = Act(self.at, "staff", self.chief)
        with self.polite():
            seats.resize(self.sessions[which].pk, capacity, act)

    @precondition(lambda self: self.pooled)
    @rule(capacity=st.integers(0, 8))
    def resize_pool(self, capacity):
        self.remember()
        with self.polite():
            seats.resize_pool(self.pool.pk, capacity, Act(self.at, "staff", self.chief))

    @precondition(lambda self: Seat.objects.filter(state="waiting").exists())
    @rule(data=st.data(), priority=st.integers(-1, 2))
    def prefer(self, data, priority):
        self.remember()
        if (seat := self.pick(data, "waiting")) is not None:
            with self.polite():
                act = Act(self.at, "staff", self.chief, reason="A key account")
                seats.prefer(seat.booking, priority, act)

    @precondition(lambda self: self.pooled)
    @rule(which=st.integers(0, 1), inside=st.booleans())
    def set_pool(self, which, inside):
        self.remember()
        pool = self.pool.pk if inside else None
        with self.polite():
            act = Act(self.at, "staff", self.chief)
            seats.set_pool(self.sessions[which].pk, pool, act)

    @rule(data=st.data())
    def attend(self, data):
        self.remember()
        if (seat := self.pick(data, *Seat.State)) is not None:
            seats.check_in(seat, Act(self.at, "check_in", self.chief))

    @rule(data=st.data(), after=st.sampled_from(["attended", "no_show", "booked"]))
    def correct(self, data, after):
        self.remember()
        if (seat := self.pick(data, *Seat.State)) is not None:
            with self.polite():
                seats.correct(seat, after, Act(self.at, "staff", self.chief))

    @rule(hours=st.sampled_from([1, 2, 5, 14, 60]))
    def wait(self, hours):
        self.remember()
        self.at += timedelta(hours=hours)
        seats.sweep(self.at)

    # -- what holds whatever they do

    @invariant()
    def every_seat_is_counted_and_none_twice(self):
        for session in Session.objects.all():
            taking = session.seats.taking().count()
            assert session.taken == taking <= session.capacity
        for pool in Pool.objects.all():
            inside = sum(one.taken for one in pool.sessions.all())
            assert pool.taken == inside <= pool.capacity

    def nobody_waits_before_an_empty_seat(self):
        """Asked at the end of each story: what is stuck stays stuck."""
        broken = [
            one for one in invariants.audit(self.at)
            if one.invariant.code in {"I5", "I9"} and not one.holds
        ]  # fmt: skip
        assert broken == []

    @invariant()
    def nobody_was_served_before_an_earlier_one(self):
        offered = [
            seat for seat in Seat.objects.filter(state="offered")
            if self.before.get(seat.pk, "waiting") == "waiting"
        ]  # fmt: skip
        by_booking = {}
        for seat in offered:
            by_booking.setdefault(seat.booking_id, []).append(seat)
        for party in by_booking.values():
            self.nobody_was_passed(party)

    @invariant()
    def after_the_start_nobody_is_left_undecided(self):
        seats.sweep(self.at)
        left = Seat.objects.filter(state__in=["waiting", "offered", "held"])
        assert not left.filter(session__starts_at__lte=self.at).exists()

    # -- help

    def nobody_was_passed(self, party, *, newcomer=False):
        """Nobody before them still waits who wanted no more than they got."""
        mine = Booking.objects.get(pk=party[0].booking_id)
        waiting = {}
        for seat in Seat.objects.waiting().filter(session=party[0].session_id):
            waiting.setdefault(seat.booking_id, []).append(seat)
        for booking in Booking.objects.filter(pk__in=waiting):
            earlier = newcomer or (-booking.priority, booking.pk) < (
                -mine.priority,
                mine.pk,
            )
            assert not (earlier and len(waiting[booking.pk]) <= len(party))

    def remember(self):
        self.before = dict(Seat.objects.values_list("pk", "state"))

    def pick(self, data, *states):
        found = Seat.objects.filter(state__in=states).select_related("booking")
        rows = list(found.order_by("pk"))
        return data.draw(st.sampled_from(rows)) if rows else None

    def polite(self):
        return Polite()


class Polite:
    """A refusal is an answer, and has words."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, Refused):
            assert error.why in SENTENCES
            return True
        return False


class Pooled(Seating):
    pooled = True


RUNS = settings(
    max_examples=8,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.slow
@pytest.mark.parametrize("machine", [Seating, Pooled])
def test_seats_keep_their_promises_whatever_happens(machine):
    run_state_machine_as_test(machine, settings=RUNS)


# -- the machine itself would notice


@pytest.fixture
def machine():
    machine = Seating()
    yield machine
    machine.forget()


def crowd(machine):
    """Three on three seats, and two companies that wait."""
    session = machine.sessions[0]
    holders, *waiting = [
        seats.book(
            session.pk,
            [Guest(name="Somebody")] * number,
            Act(NOON),
            account_id=machine.company.pk,
        )
        for number in (3, 1, 1)
    ]
    machine.remember()
    return holders, waiting


def test_it_sees_a_seat_that_nobody_offers(machine, monkeypatch):
    holders, _waiting = crowd(machine)
    monkeypatch.setattr(queue, "promote", lambda held, at: [])
    seats.cancel(holders.seats[0], Act(NOON))
    with pytest.raises(AssertionError):
        machine.nobody_waits_before_an_empty_seat()


def test_it_sees_who_was_passed(machine, monkeypatch):
    holders, _waiting = crowd(machine)
    honest = Seats.waiting
    with monkeypatch.context() as rigged:
        rigged.setattr(
            Seats,
            "waiting",
            lambda rows: honest(rows).order_by("booking__priority", "-booking_id"),
        )
        seats.cancel(holders.seats[0], Act(NOON))
    with pytest.raises(AssertionError):
        machine.nobody_was_served_before_an_earlier_one()


def test_it_sees_a_seat_that_is_not_counted(machine):
    crowd(machine)
    first = Session.objects.filter(pk=machine.sessions[0].pk)
    first.update(taken=F("taken") - 1)
    with pytest.raises(AssertionError):
        machine.every_seat_is_counted_and_none_twice()
