"""Leaving: by the page, by a mail program's one click, and for ever after."""

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client

from accounts.consent import choices, permissions, suppression
from accounts.consent.models import Choice, Permission, Suppression
from accounts.customers import links as signed
from accounts.customers.models import Buyer
from tests.factories import BuyerFactory, UserFactory

from .conftest import path_of

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
URLENCODED = "application/x-www-form-urlencoded"


def may_be_written_to(buyer):
    return Buyer.objects.filter(permissions.marketing(), pk=buyer.pk).exists()


def one_click(path, **kwargs):
    """As a mail provider posts: no cookie, no token, no page before it."""
    provider = Client(enforce_csrf_checks=True)
    return provider.post(path, ONE_CLICK, **kwargs)


# -- The page --------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("headers", [{}, {"purpose": "prefetch"}])
def test_opening_the_page_changes_nothing(client, buyer, link, method, headers):
    response = getattr(client, method)(link, headers=headers)

    assert response.status_code == 200
    assert not response.cookies
    assert may_be_written_to(buyer)
    assert not Choice.objects.exists()


def test_the_page_says_for_which_address_without_giving_it_away(client, link):
    page = client.get(link).text
    assert "a•••@ebro.example" in page
    assert "ana@" not in page


def test_the_page_speaks_her_language(client, buyer, link):
    Buyer.objects.update(language="es")
    assert 'lang="es"' in client.get(link).text[:200]
    assert 'lang="en"' in client.get(f"{link}?language=en").text[:200]


def test_pressing_the_button_stops_it_at_once(buyer, link):
    browser = Client(enforce_csrf_checks=True)
    browser.get(link)

    response = browser.post(link, {"answer": "stop"})

    assert response.status_code == 200
    assert not may_be_written_to(buyer)
    choice = Choice.objects.get()
    assert (choice.source, choice.wording) == (
        "unsubscribe_page",
        "Stop these messages",
    )


def test_pressing_it_twice_is_once(client, link):
    for _ in range(2):
        assert client.post(link, {"answer": "stop"}).status_code == 200
    assert Choice.objects.count() == 1
    assert Suppression.objects.count() == 1


def test_a_mistake_is_undone_by_a_button(client, buyer, link):
    page = client.post(link, {"answer": "stop"}).text
    assert 'value="take_back"' in page

    client.post(link, {"answer": "take_back"})

    assert may_be_written_to(buyer)
    assert [c.state for c in Choice.objects.order_by("id")] == ["objected", "granted"]


def test_a_complaint_is_not_undone_by_a_button(client, buyer, link):
    client.post(link, {"answer": "stop"})
    suppression.suppress(
        buyer.address_hash,
        "marketing",
        reason="complained",
        source="provider",
        at=datetime.now(UTC),
    )

    assert 'value="take_back"' not in client.get(link).text
    client.post(link, {"answer": "take_back"})

    assert not may_be_written_to(buyer)


def test_what_a_colleague_of_ours_recorded_is_not_undone_by_a_button(
    client, buyer, link
):
    choices.object_to_marketing(
        buyer, "phone", "She rang", datetime.now(UTC), by=UserFactory()
    )
    client.post(link, {"answer": "take_back"})
    assert not may_be_written_to(buyer)


# -- One click (RFC 8058) --------------------------------------------------------------


@pytest.mark.parametrize("kind", [URLENCODED, "multipart"])
def test_one_click_needs_nothing_but_the_link(buyer, link, kind):
    body = (
        {"data": "List-Unsubscribe=One-Click", "content_type": URLENCODED}
        if kind == URLENCODED
        else {"data": ONE_CLICK}
    )
    response = Client(enforce_csrf_checks=True).post(link, **body)

    assert response.status_code == 200
    assert not response.cookies
    assert not may_be_written_to(buyer)
    assert Choice.objects.get().source == "one_click"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", ""),
        (b"\xff\xfe\x00", "application/octet-stream"),
        (b"--nonsense", "multipart/form-data; boundary=other"),
        (b"--nonsense", "multipart/form-data"),
        (b"{}", "application/json"),
        (b"%ff=%fe&=", URLENCODED),
        (b"&".join(b"a=1" for _ in range(2000)), URLENCODED),
    ],
)
def test_a_body_that_nobody_can_read_still_means_leave(buyer, link, body, kind):
    response = Client().generic("POST", link, body, content_type=kind)
    assert response.status_code == 200
    assert not may_be_written_to(buyer)


def test_one_click_is_answered_as_often_as_it_comes(buyer, link):
    assert [one_click(link).status_code for _ in range(3)] == [200, 200, 200]
    assert Choice.objects.count() == 1


def test_one_click_meets_no_redirect(buyer, link, settings):
    settings.SECURE_SSL_REDIRECT = True
    for path in (link, f"{link}/", f"{link}?utm_source=x"):
        assert one_click(path).status_code == 200
    assert not may_be_written_to(buyer)


def test_one_click_works_for_somebody_who_was_erased(buyer, link):
    Buyer.objects.update(email="", email_key="", address_hash=None, first_name="")

    assert one_click(link).status_code == 200

    assert not Permission.objects.get().allowed


def test_one_click_works_for_somebody_who_is_gone(db):
    nobody = BuyerFactory.build()
    assert one_click(path_of(nobody)).status_code == 200


def test_one_click_survives_a_new_key(buyer, link, settings):
    settings.LINK_KEY_FALLBACKS = [
        "older-key-that-is-32-characters-l",
        settings.LINK_KEY,
    ]
    settings.LINK_KEY = "newest-key-that-is-32-characters-long"

    assert one_click(link).status_code == 200

    assert not may_be_written_to(buyer)


def test_one_click_does_not_wait_for_the_cache(buyer, link, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert one_click(link).status_code == 200


def test_all_of_it_is_one_transaction(buyer, link, monkeypatch):
    def fail(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(Permission.objects, "update_or_create", fail)
    with pytest.raises(ConnectionError):
        one_click(link)
    assert not Suppression.objects.exists()
    assert not Choice.objects.exists()


# -- Other links -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "token",
    [
        lambda buyer: signed.make("invitation", buyer.uuid),
        lambda buyer: path_of(buyer)[3:-6] + "AAAAAA",
        lambda buyer: str(buyer.uuid),
        lambda buyer: "x",
    ],
)
def test_what_is_no_unsubscribe_link_does_nothing(client, buyer, token):
    path = f"/u/{token(buyer)}"
    assert client.get(path).status_code == 404
    assert client.post(path, ONE_CLICK).status_code == 404
    assert may_be_written_to(buyer)


def test_an_unsubscribe_link_opens_no_invitation(client, link):
    client.get(f"/i/{link[3:]}")
    assert client.get("/i/").status_code == 404


def test_headers_keep_the_page_to_herself(client, link):
    response = client.get(link)
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    assert not re.findall(r'https?://[^"\s<]+', response.text)


def test_the_page_takes_few_queries(client, link, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        client.get(link)


def test_nothing_of_it_needs_a_session(client, link):
    client.get(link)
    client.post(link)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_session")
        assert cursor.fetchone() == (0,)
