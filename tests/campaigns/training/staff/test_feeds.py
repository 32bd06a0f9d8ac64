"""A secret calendar address, and its end."""

from datetime import date

import pytest
import vobject
from django.core.cache import cache
from django.urls import reverse

from accounts.consent import throttle
from accounts.customers import links
from accounts.customers.models import Account
from accounts.staff.models import Role
from campaigns.training.models import CalendarFeed
from campaigns.training.staff import feeds
from tests.campaigns.training.scenes import book, make_session, seat_of
from tests.factories import AccountFactory, BuyerFactory, UserFactory

from .conftest import client_of

pytestmark = pytest.mark.django_db


def path(user):
    url = feeds.address(CalendarFeed.objects.get(user=user))
    return url[url.index("/c/") :]


def test_a_trainers_calendar_asks_for_her_sessions(client, trainer, hers, now):
    make_session(day=hers.day)  # somebody else's
    book(hers)
    trainer.post(reverse("training-staff:feed-renew"))
    response = client.get(path(trainer.user))
    found = vobject.readOne(response.content.decode())
    assert [one.summary.value for one in found.vevent_list] == ["First order"]
    assert found.vevent.description.value == "1 of 5 seats"


def test_a_new_address_closes_the_old_one(client, trainer, hers, now):
    trainer.post(reverse("training-staff:feed-renew"))
    old = path(trainer.user)
    assert client.get(old).status_code == 200
    trainer.post(reverse("training-staff:feed-renew"))
    assert client.get(old).status_code == 404
    new = path(trainer.user)
    trainer.post(reverse("training-staff:feed-close"))
    assert client.get(new).status_code == 404
    assert client.get("/c/forged.ics").status_code == 404


def test_who_leaves_takes_her_calendar_along(client, trainer, now):
    trainer.post(reverse("training-staff:feed-renew"))
    type(trainer.user).objects.update(is_active=False)
    assert client.get(path(trainer.user)).status_code == 404


def test_a_rep_reads_which_of_her_companies_come_and_no_names(client, now):
    rep = UserFactory(role=Role.SALES_REP)
    CalendarFeed.objects.create(user=rep)
    session = make_session()
    mine = AccountFactory(name="Talleres Ebro SL", rep=rep)
    book(session, BuyerFactory(account=mine, first_name="Ana"))
    book(session, BuyerFactory(account=AccountFactory(name="Otra SA")))
    make_session(day=session.day)
    text = client.get(path(rep)).content.decode()
    assert text.count("BEGIN:VEVENT") == 1
    assert "Talleres Ebro SL" in text
    assert "Otra SA" not in text
    assert "Ana" not in text


# -- A rep's own page -----------------------------------------------------------------

MINE = "/c/"


@pytest.fixture
def rep(db):
    return client_of(Role.SALES_REP, name="Kay Lynch")


def page(client):
    return " ".join(client.get(MINE).content.decode().split())


def test_a_rep_sees_the_sessions_of_her_companies_alone(rep, now):
    session = make_session()
    mine = AccountFactory(name="Talleres Ebro SL", rep=rep.user)
    book(session, BuyerFactory(account=mine, first_name="Ana"))
    book(session, BuyerFactory(account=AccountFactory(name="Otra SA")))
    book(make_session(day=session.day), BuyerFactory())
    shown = page(rep)
    assert shown.count('class="date"') == 1
    assert "Talleres Ebro SL: Ana" in shown
    assert "Otra SA" not in shown


def test_a_rep_without_sessions_is_told_so(rep, now):
    assert "None of your customers has a seat" in page(rep)


def test_a_rep_makes_renews_and_closes_her_address(client, rep, now):
    book(make_session(), BuyerFactory(account=AccountFactory(rep=rep.user)))
    assert "Make an address" in page(rep)
    rep.post("/c/renew")
    first = path(rep.user)
    assert first in page(rep)
    assert b"BEGIN:VEVENT" in client.get(first).content
    rep.post("/c/renew")
    assert client.get(first).status_code == 404
    second = path(rep.user)
    rep.post("/c/close")
    assert client.get(second).status_code == 404
    assert "Make an address" in page(rep)


def test_a_rep_who_logs_in_comes_to_her_page(rep, now):
    assert rep.get("/admin/").url == MINE


def test_only_reps_have_it(client, trainer, manager, now):
    assert trainer.get(MINE).status_code == 403
    assert manager.post("/c/renew").status_code == 403
    answer = client.get(MINE)
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/accounts/login/")
    assert not CalendarFeed.objects.exists()


def test_reading_changes_nothing(rep, now, django_assert_max_num_queries):
    account = AccountFactory(rep=rep.user)
    for number in range(3):
        session = make_session(day=date(2026, 3, 10 + number), capacity=9)
        for _ in range(3):
            book(session, BuyerFactory(account=account))
    with django_assert_max_num_queries(7):
        page(rep)
    assert rep.get("/c/renew").status_code == 405
    assert not CalendarFeed.objects.exists()


def test_bad_addresses_are_slowed_down(client, monkeypatch, db):
    cache.clear()
    monkeypatch.setattr(throttle, "cautious", throttle.Cautious())
    for number in range(throttle.MOST):
        assert client.get(f"/c/forged-{number}.ics").status_code == 404
    assert client.get("/c/forged.ics").status_code == 429
    cache.clear()


# -- Another rep -----------------------------------------------------------------------


@pytest.fixture
def other(db):
    return client_of(Role.SALES_REP, name="Eve Rival")


@pytest.fixture
def booked(rep, now):
    """A seat of the rep's company, and her open address."""
    mine = AccountFactory(name="Talleres Ebro SL", rep=rep.user)
    rep.post("/c/renew")
    # Longer than what a page's own random words may hold.
    her = BuyerFactory(account=mine, first_name="Anastasia")
    return seat_of(book(make_session(), her))


@pytest.mark.parametrize("name", ["user", "rep", "account", "session", "seat", "pk"])
def test_no_address_shows_a_rep_what_is_anothers(rep, other, booked, name):
    for key in (rep.user.pk, booked.account_id, booked.session_id, booked.pk):
        answer = other.get(MINE, {name: key})
        assert b"Talleres Ebro" not in answer.content
        assert b"Anastasia" not in answer.content
    assert "Talleres Ebro SL: Ana" in page(rep)


def test_a_reps_calendar_holds_no_session_of_another(client, rep, other, booked):
    other.post("/c/renew")
    assert b"BEGIN:VEVENT" not in client.get(path(other.user)).content
    assert b"BEGIN:VEVENT" in client.get(path(rep.user)).content


def test_a_rep_finds_nobodys_calendar_by_what_she_may_know(rep, other, booked):
    own = CalendarFeed.objects.get(user=rep.user)
    foreign = [
        str(rep.user.pk),
        str(own.uuid),
        own.uuid.hex,
        links.make("training", own.uuid, own.generation),
        links.make(feeds.PURPOSE, own.uuid, own.generation + 1),
        links.make(feeds.PURPOSE, booked.buyer.uuid, 1),
    ]
    for token in foreign:
        assert other.get(f"/c/{token}.ics").status_code == 404, token


def test_a_rep_renews_and_closes_no_address_but_hers(client, rep, other, booked):
    first = path(rep.user)
    forged = {"user": rep.user.pk, "feed": rep.user.pk, "token": first}
    for deed in ("renew", "close"):
        other.post(f"/c/{deed}", forged)
        other.post(f"/c/{deed}?user={rep.user.pk}", forged)
    assert client.get(first).status_code == 200
    assert first in page(rep)


def test_a_customer_given_to_another_rep_goes_along(client, rep, other, booked):
    other.post("/c/renew")
    Account.objects.filter(pk=booked.account_id).update(rep=other.user)
    assert "Talleres Ebro SL: Ana" in page(other)
    assert "Talleres Ebro" not in page(rep)
    assert b"Talleres Ebro" in client.get(path(other.user)).content
    assert b"BEGIN:VEVENT" not in client.get(path(rep.user)).content


def test_who_is_no_rep_any_more_reads_of_no_customers(client, trainer, now):
    account = AccountFactory(name="Talleres Ebro SL", rep=trainer.user)
    book(make_session(), BuyerFactory(account=account))
    trainer.post(reverse("training-staff:feed-renew"))
    assert b"BEGIN:VEVENT" not in client.get(path(trainer.user)).content


@pytest.mark.parametrize("sessions", [2, 6])
def test_a_calendar_asks_no_more_for_more_sessions(
    client, now, sessions, django_assert_num_queries
):
    rep = UserFactory(role=Role.SALES_REP)
    CalendarFeed.objects.create(user=rep)
    mine = AccountFactory(rep=rep)
    for number in range(sessions):
        session = make_session(day=date(2026, 3, 10 + number))
        book(session, BuyerFactory(account=mine))
    address = path(rep)
    with django_assert_num_queries(3):
        client.get(address)
