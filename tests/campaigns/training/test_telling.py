"""Who is told what, when, and with which calendar entry."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import icalendar
import pytest

from campaigns.messages import compose
from campaigns.messages.models import Brand
from campaigns.sequences.models import Delivery
from campaigns.training import changes, facts, seats, telling
from campaigns.training.models import SeatChange
from campaigns.training.seats import Act, Guest
from tests.campaigns.invitations.conftest import recipient
from tests.campaigns.training.scenes import (
    HOUR,
    NOON,
    STARTS,
    book,
    by_staff,
    make_session,
    seat_of,
)
from tests.factories import AccountFactory, BuyerFactory

pytestmark = pytest.mark.django_db
NIGHT = NOON + timedelta(hours=12)  # midnight in Madrid
MORNING = datetime(2026, 3, 3, 7, tzinfo=UTC)


@pytest.fixture
def brand(db):
    return Brand.objects.create(
        name="Duero",
        sender_name="Duero",
        sender_email="hello@duero.example",
        postal_address="1 Street",
        is_default=True,
    )


def planned():
    """The notices that are to go out, by their name and reader, in order."""
    rows = Delivery.objects.filter(state="planned").order_by("id")
    return [(row.notice.split(":")[0].removeprefix("training."), row) for row in rows]


def names():
    return [name for name, _row in planned()]


def appointment(row):
    (file,) = row.attachments.all()
    return icalendar.Calendar.from_ical(bytes(file.content))


def test_a_booking_is_confirmed_once_with_its_appointment(brand):
    session = make_session()
    buyer = BuyerFactory()
    seat = seat_of(book(session, buyer))

    assert telling.tell(NOON) == 1
    assert telling.tell(NOON) == 0

    ((name, row),) = planned()
    assert (name, row.buyer, row.due_at) == ("booked", buyer, NOON)
    assert row.message_version.purpose == "service"
    calendar = appointment(row)
    assert calendar["method"] == "REQUEST"
    (event,) = calendar.walk("VEVENT")
    assert (event["uid"].startswith(f"seat-{seat.uuid}"), event["sequence"]) == (
        True,
        0,
    )


def test_without_a_brand_it_waits_until_there_is_one(request):
    book(make_session())
    assert telling.tell(NOON) == 0
    request.getfixturevalue("brand")
    assert telling.tell(NOON) == 1


def test_what_holds_no_more_is_not_told_first(brand):
    """Booked, moved and given up before anybody looked: one message."""
    here, there = make_session(), make_session(day=date(2026, 3, 17))
    seat = seat_of(book(here))
    seats.move(seat, there.pk, Act(NOON))
    seat.refresh_from_db()
    seats.cancel(seat, Act(NOON))
    telling.tell(NOON)
    assert names() == ["cancelled"]


def test_a_newer_message_takes_back_one_that_still_waits(brand):
    session = make_session(capacity=1)
    holder, waiting = book(session), book(session)
    telling.tell(NOON)
    seats.cancel(seat_of(holder), Act(NIGHT))
    telling.tell(NIGHT)
    offer = Delivery.objects.get(notice__startswith="training.offer:")
    assert (offer.state, offer.due_at) == ("planned", MORNING)

    seats.accept(waiting.booking, Act(NIGHT + HOUR))
    telling.tell(NIGHT + HOUR)

    offer.refresh_from_db()
    assert (offer.state, offer.reason) == ("skipped", "overtaken")
    assert names()[-1] == "booked"


def test_who_declined_at_night_hears_of_the_offer_no_more(brand):
    session = make_session(capacity=1)
    holder, waiting = book(session), book(session)
    seats.cancel(seat_of(holder), Act(NIGHT))
    telling.tell(NIGHT)
    seats.decline(waiting.booking, Act(NIGHT + HOUR))
    telling.tell(NIGHT + HOUR)
    assert "offer" not in names()


def test_her_own_deed_is_answered_also_at_night(brand):
    book(make_session(), at=NIGHT)
    telling.tell(NIGHT)
    ((_name, row),) = planned()
    assert row.due_at == NIGHT


def test_a_change_waits_for_each_ones_own_morning(brand):
    session = make_session()
    madrid, mexico = BuyerFactory(), BuyerFactory(time_zone="America/Mexico_City")
    for buyer in (madrid, mexico):
        book(session, buyer)
    telling.tell(NOON)
    changes.revise(session.pk, by_staff(NIGHT), hour=time(12))
    telling.tell(NIGHT)
    due = {row.buyer: row.due_at for name, row in planned() if name == "changed"}
    assert due == {madrid: MORNING, mexico: NIGHT}


def test_what_is_near_is_told_even_at_night(brand):
    session = make_session(day=date(2026, 3, 3), hour=time(7))
    book(session)
    telling.tell(NOON)
    changes.cancel(session.pk, by_staff(NIGHT))
    telling.tell(NIGHT)
    assert [row.due_at for name, row in planned() if name == "off"] == [NIGHT]


def test_only_who_leaves_has_the_appointment_taken_away(brand):
    """Three seats, one given up: nobody else's calendar changes."""
    session = make_session(capacity=3)
    booked = [book(session) for _ in range(3)]
    telling.tell(NOON)
    Delivery.objects.filter(state="planned").update(state="skipped", reason="erased")

    seats.cancel(seat_of(booked[1]), Act(NOON))
    telling.tell(NOON)

    ((name, row),) = planned()
    assert (name, row.buyer) == ("cancelled", seat_of(booked[1]).buyer)
    calendar = appointment(row)
    assert calendar["method"] == "CANCEL"
    (event,) = calendar.walk("VEVENT")
    assert (event["sequence"], len(event.get("attendee", []) and [1])) == (1, 1)


def test_a_moved_session_raises_the_sequence_of_each_entry(brand):
    session = make_session()
    book(session)
    telling.tell(NOON)
    changes.revise(session.pk, by_staff(), hour=time(12))
    telling.tell(NOON)
    name, row = planned()[-1]
    (event,) = appointment(row).walk("VEVENT")
    assert (name, event["sequence"]) == ("changed", 1)
    assert event["dtstart"].dt == STARTS + 2 * HOUR


def test_a_company_is_offered_its_seats_in_one_message(brand):
    session, company = make_session(capacity=2), AccountFactory()
    holders = [book(session) for _ in range(2)]
    contact, colleague = BuyerFactory.create_batch(2, account=company)
    guests = [Guest(contact.pk), Guest(colleague.pk)]
    seats.book(session.pk, guests, Act(NOON), account_id=company.pk)
    telling.tell(NOON)
    for holder in holders:
        seats.cancel(seat_of(holder), Act(NOON))
    telling.tell(NOON)
    offers = [row.buyer for name, row in planned() if name == "offer"]
    assert offers == [contact]


def test_seats_without_names_are_told_to_who_booked_them(brand):
    session, contact = make_session(capacity=5), BuyerFactory()
    guests = [Guest(contact.pk), Guest(name="One"), Guest()]
    seats.book(
        session.pk, guests, Act(NOON), account_id=contact.account_id,
        contact_id=contact.pk,
    )  # fmt: skip
    telling.tell(NOON)
    assert {row.buyer for _name, row in planned()} == {contact}
    assert not SeatChange.objects.filter(told_at=None).exclude(notice="").exists()


def test_telling_many_costs_the_same_few_statements(
    brand, django_assert_max_num_queries
):
    session = make_session(capacity=50)
    for _ in range(3):
        book(session)
    telling.tell(NOON)
    changes.cancel(session.pk, by_staff())
    with django_assert_max_num_queries(60):
        telling.tell(NOON)


@pytest.mark.usefixtures("brand")
def test_what_she_reads_names_the_date_in_her_language_and_zone(settings):
    """All the way to the mail."""
    session = make_session()
    buyer = BuyerFactory(language="es", time_zone="America/Mexico_City")
    book(session, buyer)
    telling.tell(NOON)
    ((_name, row),) = planned()
    assert compose.compiled(row.message_version_id, "es").groups >= {"session"}
    told = facts.of([replace(recipient(buyer), language="es")])[1]
    assert told["date"] == "martes, 10 de marzo de 2026"
    assert told["time"] == "03:00 (Ciudad de México)"
