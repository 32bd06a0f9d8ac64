"""The invitation's pages in the hands of a person, a stranger and a scanner."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin
from uuid import uuid4

import pytest
from django.conf import settings as configured
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.customers import links as signed
from accounts.journal.models import Event
from campaigns.invitations import invite, links, views, visits
from campaigns.invitations.models import Invitation
from tests.factories import BuyerFactory

from .conftest import invite_, link_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_cache():
    cache.clear()


@pytest.fixture
def visitor(client, invitation):
    """A browser in which the personal link was opened."""
    client.get(link_of(invitation))
    return client


def unchanged():
    """Everything that opening a page could change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT md5(string_agg(i::text, '' ORDER BY id)), "
            "(SELECT count(*) FROM journal_event), "
            "(SELECT count(*) FROM django_session) FROM invitations_invitation i"
        )
        return cursor.fetchone()


def kinds():
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


# -- Opening ---------------------------------------------------------------------------


def test_the_token_leaves_the_address_at_once(client, invitation):
    response = client.get(link_of(invitation))
    assert response.status_code == 302
    assert response.url == "/i/"


def test_the_page_greets_her_and_her_company(visitor):
    page = visitor.get("/i/").content.decode()
    assert "Ana" in page
    assert "Talleres Ebro SL" in page
    assert "Luis Pérez" in page
    assert "+34 976 000 000" in page


def test_a_forwarded_link_shows_no_more_than_first_name_and_company(visitor, buyer):
    page = visitor.get("/i/").content.decode()
    assert buyer.last_name not in page
    assert buyer.email not in page
    assert buyer.account.number not in page


def test_the_page_speaks_her_language_and_can_be_switched(client, buyer, invitation):
    buyer.language = "es"
    buyer.save()
    client.get(link_of(invitation))

    assert 'lang="es"' in client.get("/i/").content.decode()[:200]
    assert 'lang="en"' in client.get("/i/?language=en").content.decode()[:200]
    assert 'lang="en"' in client.get("/i/").content.decode()[:200]


def test_a_language_that_does_not_exist_is_passed_over(visitor):
    response = visitor.get("/i/?language=../../etc")
    assert response.status_code == 200
    assert "language" not in response.cookies


_OURS = ("/i/", "/me/", "/p/", "/u/")


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
        {"x-moz": "prefetch"},
        {"user-agent": "Mozilla/5.0 (compatible; SafeLinks)"},
    ],
)
def test_a_scanner_that_follows_every_link_changes_nothing(invitation, method, headers):
    before = unchanged()
    scanner = Client(headers=headers)
    seen, queue = set(), [link_of(invitation), "/i/", "/i/?language=es", "/me/"]
    while queue:
        path = queue.pop(0)
        if path in seen or not path.startswith(_OURS):
            continue
        seen.add(path)
        response = getattr(scanner, method)(path)
        assert response.status_code in {200, 302, 405}
        found = re.findall(r'(?:href|action|data-seen)="([^"]+)"', response.text)
        found += [response.url] if response.status_code == 302 else []
        queue += [
            urljoin(path, each.removeprefix(configured.SITE_URL)) for each in found
        ]

    assert unchanged() == before
    if method == "get":
        assert {"/i/accept", "/i/seen", "/i/?language=en"} <= seen
        # Her choices, and from there the way out.
        assert all(any(path.startswith(part) for path in seen) for part in _OURS)


def test_head_has_no_body(visitor):
    response = visitor.head("/i/")
    assert response.status_code == 200
    assert response.content == b""


# -- Answering -------------------------------------------------------------------------


def test_accepting_leads_to_the_store_with_the_reference(visitor, invitation, settings):
    settings.STORE_URL = "https://store.example/welcome?from=mail"

    response = visitor.post("/i/accept")

    assert response.status_code == 303
    assert response.url == (
        f"https://store.example/welcome?from=mail&invitation={invitation.reference}"
    )
    assert kinds() == ["seen", "accepted"]


@pytest.fixture
def two_pages(visitor, invitation):
    """Her page, and then a colleague's opened in the same browser."""
    other = invite_(BuyerFactory(first_name="Paula"))
    hers = {"of": str(invitation.reference)}
    assert hers["of"] in visitor.get("/i/").text
    visitor.get(link_of(other))
    return hers, other


def test_what_another_page_answers_is_accepted_for_nobody(visitor, two_pages):
    hers, _other = two_pages
    visitor.post("/i/seen", hers)
    answer = visitor.post("/i/accept", hers, follow=True)
    assert kinds() == []
    assert "Paula" in answer.text
    assert "another invitation was opened" in answer.text


def test_without_that_guard_the_wrong_person_would_accept(
    visitor, two_pages, monkeypatch
):
    """The negative control."""
    hers, other = two_pages
    monkeypatch.setattr(views, "is_answered_on_its_page", lambda *_: True)
    visitor.post("/i/accept", hers)
    other.refresh_from_db()
    assert other.accepted_at


def test_accepting_again_leads_to_the_store_again(visitor, invitation):
    first = visitor.post("/i/accept")
    again = visitor.post("/i/accept")
    assert (again.status_code, again.url) == (303, first.url)
    assert kinds() == ["seen", "accepted"]


def test_afterwards_the_page_shows_the_result_and_the_way_to_the_store(
    visitor, invitation
):
    visitor.post("/i/accept")
    page = visitor.get("/i/").content.decode()
    assert f"invitation={invitation.reference}" in page
    assert "/i/accept" not in page


def test_a_first_gesture_is_reported_once(visitor):
    for _ in range(2):
        assert visitor.post("/i/seen").status_code == 204
    assert kinds() == ["seen"]


@pytest.mark.parametrize("path", ["/i/accept", "/i/seen"])
def test_another_site_cannot_answer_for_her(invitation, path):
    browser = Client(enforce_csrf_checks=True)
    browser.get(link_of(invitation))
    browser.get("/i/")

    response = browser.post(path, headers={"origin": "https://evil.example"})

    assert response.status_code == 403
    assert kinds() == []


def test_her_own_form_and_script_are_let_through(invitation):
    browser = Client(enforce_csrf_checks=True)
    browser.get(link_of(invitation))
    page = browser.get("/i/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]

    assert browser.post("/i/seen", headers={"x-csrftoken": token}).status_code == 204
    answered = browser.post("/i/accept", {"csrfmiddlewaretoken": token})

    assert answered.status_code == 303


@pytest.mark.parametrize("path", ["/i/accept", "/i/seen", "/i/renew"])
def test_only_a_post_answers(visitor, path):
    assert visitor.get(path).status_code == 405


# -- Links that open nothing -----------------------------------------------------------


def forged(invitation):
    link = link_of(invitation)
    return link[:-5] + ("A" if link[-5] != "A" else "B") + link[-4:]


def of_another_purpose(invitation):
    return f"/i/{signed.make('unsubscribe', invitation.uuid)}"


def unknown(invitation):
    return f"/i/{signed.make(links.PURPOSE, uuid4())}"


def revoked(invitation):
    invite.revoke(invitation, datetime.now(UTC))
    return link_of(invitation)


def expired(invitation):
    Invitation.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    return link_of(invitation)


def superseded(invitation):
    link = link_of(invitation)
    expired(invitation)
    invite_(invitation.buyer)
    return link


def of_somebody_gone(invitation):
    invitation.buyer.active = False
    invitation.buyer.save()
    return link_of(invitation)


def garbled(invitation):
    return "/i/%E2%80%AEnonsense"


DEAD = [
    forged,
    of_another_purpose,
    unknown,
    revoked,
    expired,
    superseded,
    of_somebody_gone,
    garbled,
]


@pytest.mark.parametrize("dead", DEAD)
def test_a_dead_link_cannot_accept(client, invitation, dead):
    client.get(dead(invitation))
    assert client.post("/i/accept").status_code == 404
    assert client.post("/i/seen").status_code == 204
    assert kinds() == []


def test_all_dead_links_look_the_same(db, buyer):
    answers = set()
    for dead in DEAD:
        Invitation.objects.all().delete()
        buyer.active = True
        buyer.save()
        browser = Client()
        opened = browser.get(dead(invite_(buyer)))
        page = browser.get(opened.url)
        body = re.sub(r'nonce="[^"]+"|value="[^"]+"', "", page.text)
        cookie = len(opened.cookies[visits.VISITS.cookie].value.split(":"))
        answers.add((opened.status_code, opened.url, cookie, page.status_code, body))
    assert len(answers) == 1, answers
    assert answers.pop()[3] == 404


def test_without_a_link_there_is_the_same_page(client):
    assert client.get("/i/").status_code == 404


def test_a_tampered_visit_is_no_visit(client, invitation):
    client.get(link_of(invitation))
    name = visits.VISITS.cookie
    client.cookies[name] = client.cookies[name].value[:-1] + "x"
    assert client.get("/i/").status_code == 404


def test_a_visit_ends_when_its_invitation_is_revoked(visitor, invitation):
    assert visitor.get("/i/").status_code == 200
    invite.revoke(invitation, datetime.now(UTC))
    assert visitor.get("/i/").status_code == 404


def test_the_link_of_yesterdays_key_still_opens(client, invitation, settings):
    link = link_of(invitation)
    settings.LINK_KEY_FALLBACKS = [settings.LINK_KEY]
    settings.LINK_KEY = "another-key-that-is-thirty-two-long"
    client.get(link)
    assert client.get("/i/").status_code == 200


# -- Headers ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["link", "/i/", "/i/preview", "/me/"])
def test_headers_keep_the_page_to_herself(visitor, invitation, path):
    response = visitor.get(link_of(invitation) if path == "link" else path)
    assert response["Referrer-Policy"] == "no-referrer"
    assert "no-store" in response["Cache-Control"]
    assert "noindex" in response["X-Robots-Tag"]
    assert response["X-Content-Type-Options"] == "nosniff"
    policy = response["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_the_form_may_end_in_the_store_and_where_it_sends_newcomers(visitor, settings):
    settings.STORE_URL = "http://store.example:8080/welcome"
    policy = visitor.get("/i/")["Content-Security-Policy"]
    assert "form-action 'self' http://store.example:8080 https:;" in f"{policy};"
    assert "form-action 'self';" in f"{visitor.get('/me/')['Content-Security-Policy']};"


@pytest.mark.parametrize("accepted", [False, True])
def test_the_page_loads_nothing_from_elsewhere(visitor, settings, accepted):
    if accepted:
        visitor.post("/i/accept")
    page = visitor.get("/i/").text
    loaded = re.findall(r'(?:src|srcset|<link[^>]+href)="([^"]+)"', page)
    assert loaded
    assert all(each.startswith("/") for each in loaded)
    linked = re.findall(r'https?://[^"\s<]+', page)
    assert all(each.startswith(settings.STORE_URL) for each in linked)


def test_cookies_are_out_of_reach_of_scripts(client, invitation):
    cookie = client.get(link_of(invitation)).cookies[visits.VISITS.cookie]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    token = link_of(invitation).rsplit("/", 1)[1]
    assert token not in cookie.value


def test_the_preview_records_nothing(client, db):
    page = client.get("/i/preview")
    assert page.status_code == 200
    assert "disabled" in page.text
    assert "csrfmiddlewaretoken" not in page.text
