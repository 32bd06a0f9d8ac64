"""What no form of ours sends: refused or passed over, never a broken page."""

import pytest
from django.urls import reverse

from accounts.customers.models import CustomerImport
from campaigns.training import staff_urls
from campaigns.training.models import Seat, SeatChange
from tests.campaigns.training.scenes import book, make_session, seat_of

from .conftest import client_of
from .test_roles import A, M, R, T, address

pytestmark = pytest.mark.django_db

#: Longer than Python makes a number of; Arabic digits; no text that a column takes.
ODD = ["9" * 5_000, "9" * 19, "٣", "-1", "a\0b", "é" * 3_000]
ANSWERS = {200, 302, 400, 404, 405}
FIELDS = (
    *("to", "buyer", "reason", "after", "name", "priority", "people", "key", "q"),
    *("capacity", "day", "hour", "pool", "seats", "back", "code", "sent", "file"),
)
QUERIES = ("course", "trainer", "session", "page", "by", "list", "q", "day", "month")


@pytest.fixture(autouse=True)
def today(now):
    return now


@pytest.fixture
def scene():
    session = make_session(capacity=1)
    return session, seat_of(book(session))


@pytest.mark.parametrize("name", [each.name for each in staff_urls.urlpatterns])
def test_no_page_breaks_on_what_no_form_sends(name, scene):
    client = client_of(A)
    url = address(name, *scene).partition("?")[0]
    for odd in ODD:
        sent, asked = dict.fromkeys(FIELDS, odd), dict.fromkeys(QUERIES, odd)
        assert client.post(url, sent).status_code in ANSWERS, odd[:10]
        assert client.get(url, asked).status_code in ANSWERS, odd[:10]
    assert client.options(url).status_code in {200, 405}


def test_a_reason_keeps_all_but_what_no_column_takes(scene):
    _session, seat = scene
    url = reverse("training-staff:cancel-seat", args=[seat.pk])
    client_of(M).post(url, {"reason": "She rang\0 " + "x" * 300})
    change = SeatChange.objects.filter(after="cancelled").get()
    assert change.reason.startswith("She rang xxx")
    assert len(change.reason) == 200


@pytest.mark.parametrize(
    "name", ["cancel-seat", "check-in", "close", "walk-in", "prefer-seat", "feed-renew"]
)
def test_every_deed_posted_twice_is_done_once(name, scene):
    session, seat = scene
    client = client_of(A)
    said = {"reason": "Why not", "priority": "3", "buyer": seat.buyer_id}
    url = address(name, session, seat)
    client.post(url, said)
    once = list(Seat.objects.order_by("pk").values_list("pk", "state"))
    lines = SeatChange.objects.count()
    assert client.post(url, said).status_code == 302
    assert list(Seat.objects.order_by("pk").values_list("pk", "state")) == once
    assert SeatChange.objects.count() == lines


@pytest.mark.parametrize("role", [T, R])
def test_who_gives_or_sells_takes_no_link_away(role, scene):
    session, seat = scene
    client = client_of(role)
    session.trainers.add(client.user)
    for name in ("withdraw-links", "prefer-seat", "share"):
        assert client.post(address(name, session, seat)).status_code in {302, 403}
    assert not SeatChange.objects.exclude(by=None).exists()
    assert not CustomerImport.objects.filter(state="applied").exists()
