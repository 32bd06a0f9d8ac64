"""A secret calendar address, and its end."""

import pytest
import vobject
from django.urls import reverse

from accounts.staff.models import Role
from campaigns.training.models import CalendarFeed
from campaigns.training.staff import feeds
from tests.campaigns.training.scenes import book, make_session
from tests.factories import AccountFactory, BuyerFactory, UserFactory

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
