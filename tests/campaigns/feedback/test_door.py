"""Counted links: they lead where they led when published, and tell what happened."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from threading import Event, Thread
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.consent.models import Permission
from accounts.customers import links
from accounts.customers.models import Buyer
from accounts.customers.veil import hide_links
from accounts.journal import clock
from campaigns.feedback import gateways, noticed, process, visits
from campaigns.feedback.models import Gateway, Post, Report
from campaigns.messages.measured import FOLLOW, SEEN, TRAP
from campaigns.messages.models import PublishedLink
from campaigns.sequences.models import Campaign, Delivery
from onboarding.scrubbing import scrub_text
from tests.campaigns.sequences.scenes import make_campaign

from .scenes import SENT, make_sent
from .test_machines import agree

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/140.0"
ADDRESSES = [
    "https://news.example/a?b=1&c=2",
    "https://b.example/ñ",
    "http://c.example",
]
LATER = SENT + timedelta(days=1)


@pytest.fixture
def measured(db):
    """A delivery that carried the pixel and three links, to who agreed to it."""
    return make_measured()


def make_measured(**fields):
    campaign = make_campaign(state="running", measures=True)
    delivery = make_sent(campaign=campaign, **fields)
    agree(delivery.buyer)
    PublishedLink.objects.all().delete()
    PublishedLink.objects.bulk_create(
        PublishedLink(
            version_id=delivery.message_version_id,
            language="en",
            number=number,
            address=address,
        )
        for number, address in enumerate(ADDRESSES, start=1)
    )
    return delivery


@pytest.fixture
def fetch(client):
    """What a browser, or a program that says so, gets for a link of *delivery*."""

    def fetch(delivery, number=1, *, method="get", agent=BROWSER, **headers):
        token = links.make(FOLLOW, delivery.uuid, number)
        headers = {"User-Agent": agent, **headers}
        return getattr(client, method)(f"/m/{token}", headers=headers)

    return fetch


@pytest.fixture
def look(client):
    def look(delivery, *, method="get", agent=BROWSER):
        token = links.make(SEEN, delivery.uuid)
        return getattr(client, method)(f"/m/{token}.gif", headers={"User-Agent": agent})

    return look


def take_in(at=LATER):
    """Read what was noticed, as of *at*."""
    Post.objects.filter(state="waiting").update(received_at=at)
    process.process(clock.now())


def told():
    return sorted(Report.objects.values_list("kind", "machine"))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_link_leads_to_the_address_stored_when_it_was_published(
    measured, fetch, number
):
    answer = fetch(measured, number)
    assert answer.status_code == 302
    assert answer["Location"] == ADDRESSES[number - 1].replace("ñ", "%C3%B1")
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert not answer.cookies


def test_the_pixel_is_fetched_anew_every_time_and_sets_no_cookie(measured, look):
    answer = look(measured)
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


def test_no_log_and_no_veiled_mail_holds_a_token(measured):
    token = links.make(FOLLOW, measured.uuid, 1)
    shown = scrub_text(f"GET {settings.SITE_URL}/m/{token} and /m/{token}.gif")
    assert token not in shown
    assert token not in hide_links(f"/m/{token} /m/{token}/")


def test_a_person_is_noted_as_one(measured, fetch, look):
    look(measured)
    fetch(measured)
    take_in()
    assert told() == [("clicked", 5), ("opened", 5)]
    assert Report.objects.first().address_hash == bytes(measured.address_hash)
    assert not Post.objects.filter(state="aside").exists()


def test_what_is_read_twice_is_noted_once(measured, fetch):
    fetch(measured)
    body = Post.objects.get().body
    take_in()
    Post.objects.update(state="waiting", body=body)
    process.process(clock.now())
    assert told() == [("clicked", 5)]


def test_fetched_twice_within_a_second_is_one_click(measured, fetch):
    fetch(measured)
    fetch(measured)
    fetch(measured, 2)
    take_in()
    assert told() == [("clicked", 5)] * 2


@pytest.mark.parametrize(
    "asked",
    [
        {"method": "head"},
        {"agent": ""},
        {"agent": "Mozilla/5.0"},
        {"agent": "Mozilla/5.0 (compatible; BarracudaSentinel/1.0)"},
        {"agent": "Mozilla/5.0 (X11) HeadlessChrome/140.0"},
        {"agent": "Slackbot-LinkExpanding 1.0"},
        {"agent": "curl/8.0"},
        {"Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"X-Moz": "prefetch"},
    ],
)
def test_who_gives_itself_away_is_a_machine_and_led_on_all_the_same(
    measured, fetch, asked
):
    answer = fetch(measured, **asked)
    assert (answer.status_code, answer["Location"]) == (302, ADDRESSES[0])
    take_in()
    assert told() == [("clicked", 99)]


@pytest.mark.parametrize(
    "agent",
    [
        BROWSER,
        "Mozilla/5.0 (Linux; Android 9; CUBOT X19) Chrome/120.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Windows NT 5.1) Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    ],
)
def test_a_persons_program_is_not_taken_for_a_machine(measured, look, agent):
    look(measured, agent=agent)
    take_in()
    assert told() == [("opened", 5)]


def test_a_head_gets_no_body_and_the_same_address(measured, fetch, look):
    assert fetch(measured, method="head").content == b""
    answer = look(measured, method="head")
    assert (answer.status_code, answer.content) == (200, b"")
    take_in()
    assert told() == [("clicked", 99), ("opened", 99)]


def test_who_follows_what_no_person_sees_is_a_machine_with_all_around_it(
    measured, fetch, look
):
    fetch(measured, 1)
    look(measured)
    answer = fetch(measured, TRAP)
    assert answer.status_code == 200
    assert b"nothing to see" in answer.content
    take_in()
    assert told() == [("clicked", 95), ("clicked", 100), ("opened", 95)]


def test_without_the_trap_the_same_click_is_a_persons(measured, fetch, look):
    """The negative control."""
    fetch(measured, 1)
    look(measured)
    take_in()
    assert told() == [("clicked", 5), ("opened", 5)]


@pytest.mark.parametrize(("seconds", "machine"), [(8, 95), (-8, 95), (60, 5)])
def test_the_trap_speaks_of_its_own_seconds(measured, fetch, seconds, machine):
    fetch(measured, TRAP)
    take_in()
    fetch(measured, 1)
    take_in(LATER + timedelta(seconds=seconds))
    assert told() == sorted([("clicked", 100), ("clicked", machine)])


def test_a_domain_whose_gateway_fell_into_the_trap_is_known(measured, fetch):
    fetch(measured, TRAP)
    take_in()
    gateways.learn(LATER + timedelta(days=1))
    known = Gateway.objects.get()
    assert (known.clicked, known.swept) == (1, 1)


def test_many_links_within_seconds_are_a_sweep(measured, fetch):
    for number in (1, 2, 3):
        fetch(measured, number)
    take_in()
    assert told() == [("clicked", 95)] * 3


def test_soon_after_it_was_sent_it_is_rather_a_machine(measured, fetch):
    fetch(measured)
    take_in(SENT + timedelta(seconds=5))
    assert told() == [("clicked", 80)]


def test_following_what_was_not_agreed_to_is_not_noted(measured, fetch, look):
    Permission.objects.filter(topic="tracking").update(allowed=False)
    assert fetch(measured)["Location"] == ADDRESSES[0]
    assert look(measured).status_code == 200
    fetch(measured, TRAP)
    assert not Post.objects.exists()


def test_nor_once_the_campaign_counts_no_more(measured, fetch, look):
    Campaign.objects.update(measures=False)
    assert fetch(measured)["Location"] == ADDRESSES[0]
    look(measured)
    assert not Post.objects.exists()


def test_without_the_question_it_would_be(measured, fetch, monkeypatch):
    """The negative control."""
    Permission.objects.filter(topic="tracking").update(allowed=False)
    asked = visits._FIND.replace("AND permission.allowed", "")
    monkeypatch.setattr(visits, "_FIND", asked)
    fetch(measured)
    assert Post.objects.exists()


def test_a_consent_taken_back_before_it_is_read_counts(measured, fetch):
    fetch(measured)
    Permission.objects.filter(topic="tracking").update(allowed=False)
    take_in()
    assert told() == []


def test_it_leads_on_after_erasure(measured, fetch):
    Permission.objects.all().delete()
    Buyer.objects.filter(pk=measured.buyer.pk).update(
        email="", email_key="", address_hash=None, first_name="", last_name=""
    )
    assert fetch(measured)["Location"] == ADDRESSES[0]
    assert not Post.objects.exists()


def test_what_was_sent_to_another_address_still_fits_its_delivery(measured, fetch):
    """The token is ours: no address is needed to believe it."""
    Buyer.objects.filter(pk=measured.buyer.pk).update(address_hash=b"another")
    fetch(measured)
    take_in()
    assert Report.objects.get().delivery_id == measured.pk


def test_it_proves_that_an_unknown_message_arrived(db, fetch):
    delivery = make_measured(state="unknown")
    fetch(delivery)
    take_in()
    assert Delivery.objects.get(pk=delivery.pk).state == "sent"


def test_a_withdrawn_address_shows_a_page(measured, fetch):
    PublishedLink.objects.filter(number=1).update(withdrawn_at=clock.now())
    answer = fetch(measured)
    assert answer.status_code == 404
    assert b"leads nowhere" in answer.content
    assert fetch(measured, 2).status_code == 302


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.django_db
def test_a_link_that_is_not_ours_shows_a_page_in_the_readers_language(client, language):
    answer = client.get("/m/forged", headers={"Accept-Language": language})
    assert answer.status_code == 404
    words = {"en": "leads nowhere", "es": "ya no lleva"}
    assert words[language] in answer.content.decode()


def test_tokens_of_other_purposes_open_nothing(client, measured):
    for purpose in ("unsubscribe", SEEN, "invitation"):
        token = links.make(purpose, measured.uuid, 1)
        assert client.get(f"/m/{token}").status_code == 404
    token = links.make(FOLLOW, measured.uuid, 1)
    client.get(f"/m/{token}.gif")
    assert not Post.objects.exists()


def test_a_number_cannot_be_changed_nor_a_delivery(client, measured, settings):
    token = links.make(FOLLOW, measured.uuid, 1)
    for place in range(len(token)):
        other = (
            token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        )
        assert client.get(f"/m/{other}").status_code == 404
    assert client.get(f"/m/{links.make(FOLLOW, uuid4(), 1)}").status_code == 404
    assert client.get(f"/m/{links.make(FOLLOW, measured.uuid, 9)}").status_code == 404
    assert not Post.objects.exists()
    settings.LINK_KEY_FALLBACKS = [settings.LINK_KEY]
    settings.LINK_KEY = "another key, as long as it has to be: 0123456789abcdef"
    assert client.get(f"/m/{token}").status_code == 302


def test_with_the_signature_unread_a_number_could_be_changed(
    client, measured, monkeypatch
):
    """The negative control."""
    monkeypatch.setattr(links.hmac, "compare_digest", lambda *_pair: True)
    token = links.make(FOLLOW, measured.uuid, 1)
    raw = bytearray(urlsafe_b64decode(f"{token}=="))
    raw[17] = 2
    forged = urlsafe_b64encode(raw).rstrip(b"=").decode()
    assert client.get(f"/m/{forged}")["Location"].startswith("https://b.example/")


tokens = st.one_of(
    st.text(max_size=80),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefgh-_", min_size=40, max_size=70),
    st.sampled_from(["https://evil.example", "//evil.example", "%2f%2fevil.example"]),
    st.builds(
        links.make,
        st.sampled_from([FOLLOW, SEEN, "unsubscribe"]),
        st.uuids(),
        st.integers(0, 65535),
    ),
)


@hypothesis_settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    token=tokens, query=st.sampled_from(["", "?url=https://evil.example", "?next=//e"])
)
def test_whatever_is_asked_nobody_is_led_anywhere_else(client, measured, token, query):
    answer = client.get(f"/m/{token.replace('?', '').replace('#', '')}{query}")
    assert answer.status_code != 302
    own = client.get(f"/m/{links.make(FOLLOW, measured.uuid, 1)}{query}")
    assert own["Location"] == ADDRESSES[0]


def test_only_get_and_head_are_answered(client, measured):
    token = links.make(FOLLOW, measured.uuid, 1)
    assert client.post(f"/m/{token}").status_code == 405


def test_a_slash_too_many_does_no_harm(client, measured):
    token = links.make(FOLLOW, measured.uuid, 1)
    assert client.get(f"/m/{token}/")["Location"] == ADDRESSES[0]


@pytest.mark.django_db(transaction=True)
def test_who_cannot_be_noted_is_led_on(client, fetch, caplog):
    """Somebody holds the table: she waits a moment, and gets where she wanted."""
    measured = make_measured()
    held, done = Event(), Event()

    def hold():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE feedback_post IN ACCESS EXCLUSIVE MODE")
            held.set()
            done.wait(30)
        connection.close()

    thread = Thread(target=hold)
    thread.start()
    try:
        assert held.wait(30)
        assert fetch(measured)["Location"] == ADDRESSES[0]
    finally:
        done.set()
        thread.join()
    assert not Post.objects.exists()
    # The next one waits for nothing, and its statement has no limit any more.
    assert fetch(measured)["Location"] == ADDRESSES[0]
    assert Post.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_noting_leaves_no_limit_to_the_statements_after_it(measured, fetch):
    """Nor within a transaction of somebody else's, as here."""
    fetch(measured)
    assert Post.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_is_away_is_said_kindly(
    client, measured, monkeypatch, look, error
):
    def fail(*_anything):
        raise error

    monkeypatch.setattr(visits, "find", fail)
    token = links.make(FOLLOW, measured.uuid, 1)
    answer = client.get(f"/m/{token}")
    assert answer.status_code == 503
    assert look(measured).status_code == 200


def test_what_is_noticed_holds_nothing_about_the_visitor(measured, fetch):
    fetch(measured, agent="Somebody's own browser")
    post = Post.objects.get()
    assert json.loads(bytes(post.body)).keys() == {"delivery", "link", "machine"}
    assert (post.provider, post.headers) == (noticed.OWN, {})


def test_nothing_of_a_counted_link_names_anybody(measured):
    token = links.make(FOLLOW, measured.uuid, 1)
    assert len(token) == 46
    assert urlsplit(f"https://a.example/m/{token}").path == f"/m/{token}"
