"""Who comes in by which link, and that looking changes nothing."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse

from accounts.consent import throttle
from campaigns.training import links
from campaigns.training.models import Seat
from campaigns.training.views import opening
from tests.campaigns.training.scenes import book, make_session, seat_of
from tests.factories import AccountFactory, BuyerFactory

from .conftest import enter
from .test_booking import press

pytestmark = pytest.mark.django_db


def path_of(url):
    return url[url.index("/t/") :]


def test_a_link_leaves_its_token_behind(client, ana, now):
    first = client.get(path_of(links.of_buyer(ana)))
    assert first.url == reverse("training:dates")
    page = client.get(first.url)
    assert page.status_code == 200
    assert "Talleres Ebro SL" in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]


def test_a_link_leads_to_a_seat(client, ana, now):
    seat = seat_of(book(make_session(), ana))
    page = enter(client, ana, links.of_seat(seat.uuid))
    assert "Your seat is booked" in page.content.decode()


@pytest.mark.parametrize(
    "to",
    ["//evil.example", "../admin/", "preview", "seats/x/accept", "sessions/1/"],
)
def test_a_link_leads_only_to_pages_of_training(client, ana, to):
    path = f"{path_of(links.of_buyer(ana))}/{to}"
    response = client.get(path)
    if response.status_code == 302:
        assert response.url == reverse("training:dates")
    else:
        assert response.status_code == 404


@pytest.mark.parametrize("token", ["", "x" * 46, "A" * 45])
def test_a_forged_link_meets_the_same_page_as_a_withdrawn_one(client, ana, token, now):
    url = path_of(links.of_buyer(ana))
    forged = f"{url[:-46]}{token}" if token else url[:-3] + "AAA"
    client.get(forged)
    stranger = client.get(reverse("training:dates"))
    assert stranger.status_code == 404
    links.withdraw(ana, links.FIRST)
    client.get(url)
    withdrawn = client.get(reverse("training:dates"))
    assert withdrawn.status_code == 404
    assert b"no longer opens" in stranger.content
    assert b"no longer opens" in withdrawn.content


def test_after_a_withdrawal_the_new_link_opens(client, ana, now):
    for generation in (1, 2):
        assert links.withdraw(ana, generation)
    assert enter(client, ana).status_code == 200


def test_a_withdrawal_repeated_leaves_the_new_link_open(client, ana, now):
    assert [links.withdraw(ana, links.FIRST) for _ in range(2)] == [True, False]
    new = path_of(links.of_buyer(ana))
    assert not links.withdraw(ana, links.FIRST)
    assert client.get(new, follow=True).status_code == 200


def test_a_visit_ends_with_the_withdrawal(visitor, ana):
    assert visitor.get(reverse("training:dates")).status_code == 200
    links.withdraw(ana, links.FIRST)
    assert visitor.get(reverse("training:dates")).status_code == 404


def test_an_inactive_buyer_has_no_page(visitor, ana):
    ana.active = False
    ana.save()
    assert visitor.get(reverse("training:dates")).status_code == 404


def test_nobody_sees_or_moves_anothers_seat(visitor, ana):
    seat = seat_of(book(make_session(), BuyerFactory()))
    for name in ("seat", "join", "calendar"):
        url = reverse(f"training:{name}", args=[seat.uuid])
        assert visitor.get(url).status_code == 404, name
    for name in ("accept", "decline", "cancel", "move", "reconfirm", "enter"):
        url = reverse(f"training:{name}", args=[seat.uuid])
        assert visitor.post(url).status_code == 404, name
    seat.refresh_from_db()
    assert seat.state == Seat.State.BOOKED


def test_looking_changes_nothing(visitor, ana):
    """Mail gateways open every link: twice, and the database is as before."""
    session = make_session(join_url="https://meet.example/1")
    other = make_session(day=date(2026, 3, 11))
    seat = seat_of(book(session, ana))
    before = rows()
    for _turn in range(2):
        for url in (
            path_of(links.of_buyer(ana)),
            reverse("training:dates"),
            reverse("training:preview"),
            reverse("training:session", args=[other.uuid]),
            reverse("training:seat", args=[seat.uuid]),
            reverse("training:join", args=[seat.uuid]),
            reverse("training:calendar", args=[seat.uuid]),
        ):
            visitor.get(url)
    assert rows() == before


def rows():
    return {
        model._meta.label: list(model.objects.order_by("pk").values_list())
        for model in apps.get_app_config("training").get_models()
    }


# -- Two links in one browser ----------------------------------------------------------


@pytest.fixture
def berta_too(visitor, ana):
    """Ana's page is still open when Berta's link is followed in the same browser."""
    berta = BuyerFactory(account=AccountFactory(), first_name="Berta")
    enter(visitor, berta)
    return berta


def test_what_her_page_answers_is_done_for_nobody_else(visitor, ana, berta_too):
    session = make_session()
    answer = press(visitor, session, of=str(ana.uuid))
    assert answer.url == f"{reverse('training:dates')}?other"
    assert "Nothing was done" in visitor.get(answer.url).content.decode()
    assert not Seat.objects.exists()


def test_without_that_guard_the_wrong_person_would_be_booked(
    visitor, ana, berta_too, monkeypatch
):
    """The negative control."""
    monkeypatch.setattr(opening, "is_answered_on_its_page", lambda *_: True)
    press(visitor, make_session(), of=str(ana.uuid))
    assert Seat.objects.get().buyer == berta_too


def test_every_form_of_these_pages_says_whose_it_is():
    pages = Path(settings.BASE_DIR, "templates", "training").glob("*.html")
    forms = [
        form
        for page in pages
        for form in re.findall(r"<form.*?</form>", page.read_text(), re.DOTALL)
    ]
    assert len(forms) > 8
    assert all('name="of" value="{{ whose }}"' in form for form in forms)


@pytest.fixture
def attentive(monkeypatch):
    """Counts from nothing, and leaves nothing behind."""
    cache.clear()
    monkeypatch.setattr(throttle, "cautious", throttle.Cautious())
    yield
    cache.clear()


def test_who_tries_links_that_are_not_ours_is_slowed_down(client, ana, attentive):
    for number in range(throttle.MOST):
        assert client.get(f"/t/not-ours-{number}").status_code == 302
    good = path_of(links.of_buyer(ana))
    answer = client.get(good)
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert client.get(good, REMOTE_ADDR="203.0.113.9").status_code == 302


def test_good_links_are_never_counted(client, ana, attentive):
    for _ in range(throttle.MOST + 5):
        assert client.get(path_of(links.of_buyer(ana))).status_code == 302
