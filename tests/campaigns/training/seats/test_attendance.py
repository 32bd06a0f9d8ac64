"""Who came, who did not, and putting it right."""

import pytest

from accounts.journal import proofs, react, rebuild
from accounts.journal.models import Event, KindProgress
from campaigns.training import recordings, seats
from campaigns.training.models import Seat
from campaigns.training.seats import Act, Guest, Refused
from tests.campaigns.training.scenes import (
    DAY,
    HOUR,
    NOON,
    STARTS,
    book,
    by_staff,
    make_session,
    seat_of,
    taken,
)
from tests.factories import BuyerFactory

pytestmark = pytest.mark.django_db

DOOR = Act(STARTS, source=Seat.Source.CHECK_IN)


def kinds(kind):
    return Event.objects.filter(kind=kind).count()


def test_checked_in_twice_she_came_once():
    session = make_session()
    seat = seat_of(book(session))

    assert seats.check_in(seat, DOOR) is True
    assert seats.check_in(seat, DOOR) is False

    seat.refresh_from_db()
    assert (seat.state, seat.checked_in_at) == ("attended", STARTS)
    assert (kinds("attended"), kinds("trained"), taken(session)) == (1, 1, 1)


def test_progress_says_that_she_is_trained():
    session = make_session()
    seat = seat_of(book(session))
    seats.check_in(seat, DOOR)
    react.react(STARTS)
    trained = KindProgress.objects.get(kind="trained", buyer_id=seat.buyer_id)
    assert (trained.first_at, trained.count) == (STARTS, 1)


def test_who_comes_without_a_seat_takes_none():
    session = make_session(capacity=1)
    book(session)
    guest = BuyerFactory()

    for _again in range(2):
        seat = seats.walk_in(
            session.pk, Guest(guest.pk), DOOR, account_id=guest.account_id
        )

    assert (seat.state, seat.walk_in, taken(session)) == ("attended", True, 1)
    assert Seat.objects.filter(buyer=guest).count() == 1


def test_who_waited_and_comes_all_the_same_takes_none_either():
    session = make_session(capacity=1)
    book(session)
    waiting = seat_of(book(session))
    seats.check_in(waiting, DOOR)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.walk_in, taken(session)) == ("attended", True, 1)


def test_who_cancelled_and_booked_again_comes_on_the_seat_that_stands():
    session, buyer = make_session(), BuyerFactory()
    old = seat_of(book(session, buyer))
    seats.cancel(old, Act(NOON))
    new = book(session, buyer).seats[0]

    seats.check_in(old, DOOR)

    new.refresh_from_db()
    assert (new.state, taken(session)) == ("attended", 1)


def test_nobody_is_absent_before_attendance_is_complete():
    session = make_session()
    came, absent = seat_of(book(session)), seat_of(book(session))
    seats.check_in(came, DOOR)
    assert kinds("no_show") == 0

    assert seats.close(session.pk, by_staff(STARTS + HOUR)) == 1
    assert seats.close(session.pk, by_staff(STARTS + HOUR)) == 0

    absent.refresh_from_db()
    assert (absent.state, kinds("no_show"), taken(session)) == ("no_show", 1, 2)


def test_the_clock_closes_only_where_attendance_was_taken():
    noted, unnoted = make_session(), make_session()
    seats.check_in(seat_of(book(noted)), DOOR)
    missing, unknown = seat_of(book(noted)), seat_of(book(unnoted))

    assert seats.close_attended(noted.ends_at) == 0
    assert seats.close_attended(noted.ends_at + DAY) == 1
    assert seats.close_attended(noted.ends_at + DAY) == 0

    missing.refresh_from_db(), unknown.refresh_from_db()
    assert (missing.state, unknown.state) == ("no_show", "booked")


def test_what_was_noted_wrongly_is_put_right_and_stays_on_record():
    session = make_session()
    seat = seat_of(book(session))
    seats.close(session.pk, by_staff(STARTS + HOUR))

    seats.correct(seat, "attended", by_staff(STARTS + HOUR, reason="She was there."))
    seats.correct(seat, "attended", by_staff(STARTS + HOUR))
    seat.refresh_from_db()
    assert seat.state == "attended"

    seats.correct(seat, "no_show", by_staff(STARTS + HOUR, reason="Her namesake."))
    seat.refresh_from_db()
    assert (seat.state, seat.checked_in_at, taken(session)) == ("no_show", None, 1)
    history = [(one.before, one.after) for one in seat.changes.order_by("id")]
    assert history == [
        ("", "booked"),
        ("booked", "no_show"),
        ("no_show", "attended"),
        ("attended", "no_show"),
    ]


def test_a_guest_noted_by_mistake_was_never_there():
    session, guest = make_session(), BuyerFactory()
    seat = seats.walk_in(session.pk, Guest(guest.pk), DOOR, account_id=guest.account_id)
    seats.correct(seat, "no_show", by_staff(STARTS))
    seat.refresh_from_db()
    assert (seat.state, taken(session)) == ("cancelled", 0)


def test_who_gave_her_seat_up_did_not_fail_to_turn_up():
    session = make_session()
    seat = seat_of(book(session))
    seats.cancel(seat, Act(NOON))
    with pytest.raises(Refused):
        seats.correct(seat, "no_show", by_staff(STARTS))


def test_a_file_read_twice_keeps_the_longer_stay():
    session = make_session()
    seat = seat_of(book(session))
    seats.check_in(seat, DOOR, minutes=20)
    seats.check_in(seat, DOOR, minutes=45)
    seats.check_in(seat, DOOR, minutes=20)
    seat.refresh_from_db()
    assert seat.attended_minutes == 45


# -- Progress follows corrections -----------------------------------------------------


def trained(seat):
    react.react(STARTS)
    rows = KindProgress.objects.filter(kind="trained", buyer_id=seat.buyer_id)
    return rows.values_list("count", flat=True).first()


@pytest.mark.parametrize("after", ["no_show", "booked"])
def test_who_was_not_there_after_all_is_not_trained(after):
    seat = seat_of(book(make_session()))
    seats.check_in(seat, DOOR)
    assert trained(seat) == 1
    seats.correct(seat, after, by_staff(STARTS + HOUR, reason="Another Ana"))
    assert trained(seat) is None
    known = KindProgress.objects.filter(buyer_id=seat.buyer_id)
    assert not known.filter(kind="attended").exists()
    assert proofs._sums_are_right(STARTS).count == 0


def test_who_was_there_after_all_is_trained_again():
    seat = seat_of(book(make_session()))
    for after in ("attended", "no_show", "attended", "no_show", "attended"):
        seats.correct(seat, after, by_staff(STARTS + HOUR))
    assert trained(seat) == 1
    absent = KindProgress.objects.filter(kind="no_show", buyer_id=seat.buyer_id)
    assert not absent.exists()
    assert rebuild.rebuild()["journal_kindprogress"].written == 0


def test_another_session_keeps_her_trained():
    seat = seat_of(book(make_session()))
    other = seat_of(book(make_session(), seat.buyer))
    seats.check_in(seat, DOOR)
    seats.check_in(other, DOOR)
    seats.correct(seat, "no_show", by_staff(STARTS + HOUR))
    assert trained(seat) == 1


def test_a_recording_that_counts_keeps_her_trained():
    session = make_session(
        recording_url="https://v.example.com/1.mp4", watched_counts=True
    )
    seat = seat_of(book(session))
    seats.check_in(seat, DOOR)
    recordings.watch(session, seat.buyer, STARTS + HOUR, 95)
    seats.correct(seat, "no_show", by_staff(STARTS + HOUR))
    assert trained(seat) == 1


def test_a_walk_in_that_was_none_is_not_trained():
    guest = BuyerFactory()
    seat = seats.walk_in(
        make_session().pk, Guest(guest.pk), DOOR, account_id=guest.account_id
    )
    assert trained(seat) == 1
    seats.correct(seat, "cancelled", by_staff(STARTS + HOUR))
    assert trained(seat) is None
