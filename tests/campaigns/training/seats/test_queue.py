"""The waiting list: who is offered a seat, for how long, and what if she says no."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.training import seats
from campaigns.training.seats import Act, Refused, windows
from tests.campaigns.training.scenes import (
    DAY,
    HOUR,
    NOON,
    STARTS,
    book,
    book_for,
    by_staff,
    make_pool,
    make_session,
    seat_of,
    state,
    taken,
)
from tests.factories import AccountFactory

pytestmark = pytest.mark.django_db


def full(capacity=1, **fields):
    """A full session, and the bookings that fill it."""
    session = make_session(capacity, **fields)
    return session, [book(session) for _ in range(capacity)]


def test_a_freed_seat_is_offered_to_the_first_in_the_same_moment():
    session, (holder,) = full()
    first, second = book(session), book(session)

    seats.cancel(seat_of(holder), Act(NOON))

    assert [state(first), state(second)] == ["offered", "waiting"]
    assert taken(session) == 1
    assert seat_of(first).changes.get(after="offered").notice == "offer"


def test_no_newcomer_gets_a_seat_that_is_on_offer():
    session, (holder,) = full()
    book(session)
    seats.cancel(seat_of(holder), Act(NOON))
    assert state(book(session)) == "waiting"


def test_an_offer_is_accepted_once():
    session, (holder,) = full()
    waiting = book(session)
    seats.cancel(seat_of(holder), Act(NOON))

    seats.accept(waiting.booking, Act(NOON + HOUR))
    seats.accept(waiting.booking, Act(NOON + HOUR))

    assert (state(waiting), taken(session)) == ("booked", 1)
    assert seat_of(waiting).changes.filter(after="booked").count() == 1


def test_no_frees_the_seat_for_the_next_at_once():
    session, (holder,) = full()
    first, second = book(session), book(session)
    seats.cancel(seat_of(holder), Act(NOON))

    assert seats.decline(first.booking, Act(NOON)) == 1
    assert seats.decline(first.booking, Act(NOON)) == 0

    assert [state(first), state(second)] == ["cancelled", "offered"]
    assert taken(session) == 1


def test_an_offer_that_nobody_takes_goes_to_the_next():
    session, (holder,) = full(claim_hours=2)
    first, second = book(session), book(session)
    seats.cancel(seat_of(holder), Act(NOON))
    late = NOON + 3 * HOUR

    assert seats.sweep(NOON + HOUR) == 0
    assert seats.sweep(late) == 2
    assert seats.sweep(late) == 0

    assert [state(first), state(second)] == ["expired", "offered"]
    assert taken(session) == 1


def test_an_offer_ends_at_its_hour_swept_or_not():
    session, (holder,) = full(claim_hours=2)
    first, second = book(session), book(session)
    seats.cancel(seat_of(holder), Act(NOON))

    with pytest.raises(Refused) as caught:
        seats.accept(first.booking, Act(NOON + 2 * HOUR))

    assert caught.value.why == "gone"
    assert [state(first), state(second)] == ["expired", "offered"]


def test_who_was_never_offered_a_seat_cannot_accept_one():
    session, _holders = full()
    waiting = book(session)
    with pytest.raises(Refused) as caught:
        seats.accept(waiting.booking, Act(NOON))
    assert caught.value.why == "no_offer"


def test_a_company_is_offered_its_seats_together():
    session, holders = full(capacity=2)
    pair = book_for(session, AccountFactory(), 2)
    seats.cancel(seat_of(holders[0]), Act(NOON))
    assert state(pair) == "waiting"

    seats.cancel(seat_of(holders[1]), Act(NOON))
    assert (state(pair), taken(session)) == ("offered", 2)

    seats.accept(pair.booking, Act(NOON + HOUR))
    assert state(pair) == "booked"


def test_one_seat_is_not_kept_from_others_for_a_company_that_wants_two():
    session, holders = full(capacity=2)
    pair, single = book_for(session, AccountFactory(), 2), book(session)
    seats.cancel(seat_of(holders[0]), Act(NOON))
    assert [state(pair), state(single)] == ["waiting", "offered"]


def test_a_company_that_needs_fewer_seats_is_looked_at_anew():
    session, holders = full(capacity=2)
    pair = book_for(session, AccountFactory(), 2)
    seats.cancel(seat_of(holders[0]), Act(NOON))

    seats.cancel(pair.seats[0], Act(NOON))

    assert state(pair) == {"cancelled", "offered"}
    assert taken(session) == 2


def test_priority_goes_first_then_the_order_of_coming():
    session, (holder,) = full()
    first = book(session)
    key_account = book(session, act=by_staff(), priority=1)
    assert key_account.position == 1
    seats.cancel(seat_of(holder), Act(NOON))
    assert [state(first), state(key_account)] == ["waiting", "offered"]


@pytest.mark.parametrize("priority", [-10, 10, 99])
def test_no_priority_is_beyond_the_others(priority):
    session, _holders = full()
    waiting = book(session)
    with pytest.raises(Refused, match="no_such_priority"):
        seats.prefer(waiting.booking, priority, by_staff(reason="A key account"))
    waiting.booking.refresh_from_db()
    assert waiting.booking.priority == 0


def test_everybody_moves_up_when_one_leaves_the_queue():
    session, _holders = full()
    first, second = book(session), book(session)
    assert seats.positions([seat_of(second)]) == {seat_of(second).pk: 2}

    seats.cancel(seat_of(first), Act(NOON))

    assert seats.positions([seat_of(second)]) == {seat_of(second).pk: 1}
    assert state(second) == "waiting"


def test_more_seats_are_offered_at_once_and_fewer_than_taken_refused():
    session, _holders = full(capacity=2)
    first, second = book(session), book(session)

    seats.resize(session.pk, 3, by_staff())
    assert [state(first), state(second)] == ["offered", "waiting"]

    with pytest.raises(Refused) as caught:
        seats.resize(session.pk, 2, by_staff())
    assert caught.value.why == "taken"
    assert taken(session) == 3


def test_when_it_begins_nobody_waits_any_more():
    session, (holder,) = full()
    first, second = book(session), book(session)
    seats.cancel(seat_of(holder), Act(STARTS - HOUR))
    assert state(first) == "offered"

    seats.sweep(STARTS)

    assert [state(first), state(second)] == ["expired", "expired"]
    assert taken(session) == 0


# -- pools


def test_dates_of_a_pool_share_its_seats():
    pool = make_pool(capacity=3)
    monday, tuesday = make_session(2, pool=pool), make_session(2, pool=pool)
    book(monday), book(monday), book(tuesday)

    last = book(tuesday)

    pool.refresh_from_db()
    assert (state(last), taken(monday), taken(tuesday)) == ("waiting", 2, 1)
    assert (pool.taken, tuesday.free_here) == (3, 1)


def test_a_seat_freed_on_one_date_goes_to_who_waits_longest_for_any():
    pool = make_pool(capacity=2)
    monday, tuesday = make_session(2, pool=pool), make_session(2, pool=pool)
    holder, _other = book(monday), book(monday)
    for_tuesday, for_monday = book(tuesday), book(monday)

    seats.cancel(seat_of(holder), Act(NOON))

    assert [state(for_tuesday), state(for_monday)] == ["offered", "waiting"]
    pool.refresh_from_db()
    assert pool.taken == 2


def test_a_larger_pool_is_offered_at_once():
    pool = make_pool(capacity=1)
    session = make_session(5, pool=pool)
    book(session)
    waiting = book(session)
    seats.resize_pool(pool.pk, 2, by_staff())
    assert state(waiting) == "offered"
    with pytest.raises(Refused):
        seats.resize_pool(pool.pk, 1, by_staff())


def test_a_session_takes_its_seats_into_a_pool_and_out_of_it():
    pool, session = make_pool(capacity=2), make_session(5)
    book(session), book(session)

    seats.set_pool(session.pk, pool.pk, by_staff())
    pool.refresh_from_db()
    assert pool.taken == 2
    waiting = book(session)
    assert state(waiting) == "waiting"

    seats.set_pool(session.pk, None, by_staff())
    pool.refresh_from_db()
    assert (pool.taken, state(waiting)) == (0, "offered")


def test_a_pool_too_small_is_refused():
    pool, session = make_pool(capacity=1), make_session(5)
    book(session), book(session)
    with pytest.raises(Refused) as caught:
        seats.set_pool(session.pk, pool.pk, by_staff())
    assert caught.value.why == "pool_full"


# -- how long an offer lasts

MADRID, LATEST = "Europe/Madrid", datetime(2026, 3, 30, tzinfo=UTC)


def at(hour, day=3):
    """An hour of Madrid's winter."""
    return datetime(2026, 3, day, tzinfo=UTC) + timedelta(hours=hour - 1)


@pytest.mark.parametrize(
    ("made", "hours", "told", "ends"),
    [
        (at(10), 24, at(10), at(10, day=4)),
        # The window begins with the morning's message.
        (at(23), 24, at(8, day=4), at(8, day=5)),
        (at(2), 4, at(8), at(12)),
        # One that would end at night leaves two hours of the morning.
        (at(18), 4, at(18), at(10, day=4)),
        (at(16), 4, at(16), at(10, day=4)),
        (at(15), 4, at(15), at(19)),
    ],
)
def test_nobody_must_answer_at_night(made, hours, told, ends):
    window = windows.claim(made, MADRID, hours=hours, latest=LATEST)
    assert (window.tell_at, window.until) == (told, ends)


def test_an_offer_never_outlasts_the_start():
    window = windows.claim(at(10), MADRID, hours=24, latest=at(15))
    assert window.until == at(15)


def test_who_would_sleep_through_it_is_told_at_once():
    window = windows.claim(at(23), MADRID, hours=24, latest=at(7, day=4))
    assert (window.tell_at, window.until) == (at(23), at(7, day=4))


def test_night_is_where_she_is():
    in_mexico = windows.claim(at(23), "America/Mexico_City", hours=24, latest=LATEST)
    assert in_mexico.tell_at == at(23)
    assert in_mexico.until == at(23) + DAY
