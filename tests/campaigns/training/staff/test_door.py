"""Taking attendance on a phone."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.journal.models import Event
from campaigns.training import changes, checkin, seats
from campaigns.training.models import Seat
from campaigns.training.seats import Act, Guest
from tests.campaigns.training.scenes import NOON, STARTS, book, make_session, seat_of
from tests.factories import AccountFactory, BuyerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest(hers):
    account = AccountFactory(name="Talleres Ebro SL")
    buyer = BuyerFactory(account=account, first_name="Ana", last_name="Ruiz")
    return seat_of(book(hers, buyer))


@pytest.fixture(autouse=True)
def at_the_door(now, hers, guest):
    now.at = STARTS - timedelta(minutes=5)
    return now


def door(trainer, session, **query):
    response = trainer.get(reverse("training-staff:door", args=[session.pk]), query)
    return " ".join(response.content.decode().split())


def post(trainer, page, key, **said):
    return trainer.post(reverse(f"training-staff:{page}", args=[key]), said)


def test_one_tap_notes_her_once(trainer, hers, guest):
    assert "0 here, 1 still expected" in door(trainer, hers)
    for _tap in range(2):
        post(trainer, "check-in", guest.pk)
    guest.refresh_from_db()
    assert (guest.state, guest.attendance) == (Seat.State.ATTENDED, "check_in")
    assert Event.objects.filter(kind="attended").count() == 1
    assert "1 here, 0 still expected" in door(trainer, hers)


def test_a_search_finds_names_and_companies(trainer, hers, guest):
    book(hers, BuyerFactory(first_name="Tom", last_name="Hill"))
    assert "Ana Ruiz" in door(trainer, hers, q="ebro ana")
    assert "Tom Hill" not in door(trainer, hers, q="ebro ana")
    assert "Nobody on the list" in door(trainer, hers, q="zzz")


def test_the_code_on_her_phone_leads_to_her_line(trainer, hers, guest):
    path = checkin.address(guest)
    path = path[path.index("/admin/") :]
    page = trainer.get(path).content.decode()
    assert "Ana Ruiz" in page
    assert "Talleres Ebro SL" in page
    guest.refresh_from_db()
    assert guest.state == Seat.State.BOOKED, "looking is no checking in"


def test_somebody_without_a_seat_comes_in(trainer, hers):
    stranger = BuyerFactory(first_name="Eva", last_name="Gil")
    assert "Eva Gil" in door(trainer, hers, q="eva")
    for _tap in range(2):
        post(trainer, "walk-in", hers.pk, buyer=stranger.pk)
    seat = Seat.objects.get(buyer=stranger)
    assert (seat.state, seat.walk_in) == (Seat.State.ATTENDED, True)
    hers.refresh_from_db()
    assert hers.taken == 1, "she takes nobody's place"


def test_a_colleague_of_hers_comes_in_by_name(trainer, hers, guest):
    post(trainer, "walk-in", hers.pk, buyer=guest.buyer_id, name="Marta")
    seat = Seat.objects.get(guest_name="Marta")
    assert (seat.account_id, seat.buyer) == (guest.account_id, None)


def test_a_slip_is_put_right_and_stays_in_the_history(trainer, hers, guest):
    post(trainer, "check-in", guest.pk)
    post(trainer, "correct", guest.pk, after="booked", reason="Another Ana")
    guest.refresh_from_db()
    assert (guest.state, guest.checked_in_at) == (Seat.State.BOOKED, None)
    reasons = list(guest.changes.values_list("before", "after", "reason"))
    assert ("attended", "booked", "Another Ana") in reasons


def test_what_a_seat_cannot_become_is_refused(trainer, guest):
    for after in ("waiting", "", "nonsense"):
        post(trainer, "correct", guest.pk, after=after)
    guest.refresh_from_db()
    assert guest.state == Seat.State.BOOKED


def test_closing_notes_who_stayed_away_and_can_be_put_right(
    trainer, hers, guest, at_the_door
):
    late = seat_of(book(hers))
    post(trainer, "check-in", guest.pk)
    post(trainer, "close", hers.pk)
    late.refresh_from_db()
    assert late.state == Seat.State.BOOKED, "it has not begun"
    at_the_door.at = STARTS + timedelta(hours=1)
    post(trainer, "close", hers.pk)
    late.refresh_from_db()
    assert late.state == Seat.State.NO_SHOW
    post(trainer, "check-in", late.pk)
    late.refresh_from_db()
    assert late.state == Seat.State.ATTENDED


def test_an_empty_list_says_so(trainer, now):
    session = make_session(day=STARTS.date() + timedelta(days=3))
    session.trainers.add(trainer.user)
    assert "Nobody is expected" in door(trainer, session)


def test_a_name_posted_twice_came_once(trainer, hers, guest):
    for _ in range(2):
        post(trainer, "walk-in", hers.pk, buyer=guest.buyer_id, name="Marta")
    assert Seat.objects.filter(guest_name="Marta").count() == 1


def walk_in(client, session, guest, name):
    url = reverse("training-staff:walk-in", args=[session.pk])
    posted = {"buyer": guest.buyer_id, "name": name}
    return client.post(url, posted, follow=True).content.decode()


def test_who_is_taken_for_a_namesake_is_told_how_to_tell_them_apart(
    trainer, hers, guest, at_the_door
):
    assert "Noted as there." in walk_in(trainer, hers, guest, "Marta")
    at_the_door.at += timedelta(minutes=2)
    told = walk_in(trainer, hers, guest, "Marta")
    assert "Noted as there." not in told
    assert "Marta was noted before." in told
    assert "Noted as there." in walk_in(trainer, hers, guest, "Marta, workshop")
    assert Seat.objects.filter(guest_name__startswith="Marta").count() == 2


def test_what_was_typed_is_still_there_when_it_is_asked_about(
    trainer, hers, guest, at_the_door
):
    colleague = BuyerFactory(account=guest.account, first_name="Eva", last_name="Gil")
    for _turn in range(2):
        at_the_door.at += timedelta(minutes=2)
        said = {"buyer": colleague.pk, "name": "Marta", "q": "ebro"}
        told = post(trainer, "walk-in", hers.pk, **said)
    page = " ".join(told.content.decode().split())
    assert "Marta was noted before." in page
    assert 'name="q" value="ebro"' in page
    assert "<details open><summary>Somebody else of this company" in page
    assert 'value="Marta" autofocus' in page


def test_whose_name_was_booked_comes_on_that_seat(trainer, hers, guest):
    account = guest.account_id
    booked = seats.book(hers.pk, [Guest(name="Marta")], Act(NOON), account_id=account)
    post(trainer, "walk-in", hers.pk, buyer=guest.buyer_id, name="marta")
    seat = Seat.objects.get(guest_name="Marta")
    assert (seat.pk, seat.state) == (booked.seats[0].pk, Seat.State.ATTENDED)
    assert not seat.walk_in


@pytest.mark.parametrize("page", ["check-in", "correct"])
def test_nobody_comes_to_what_was_called_off_meanwhile(trainer, hers, guest, page):
    changes.cancel(hers.pk, Act(NOON))
    shown = trainer.post(
        reverse(f"training-staff:{page}", args=[guest.pk]),
        {"after": "attended"},
        follow=True,
    )
    assert "This session was cancelled." in shown.content.decode()
    guest.refresh_from_db()
    assert guest.state == Seat.State.CANCELLED
    assert not Event.objects.filter(kind="trained").exists()
