"""The door: what is let in, what is not, and that it is committed before the answer."""

import base64
import json
from contextlib import suppress
from threading import Event

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from campaigns.feedback import desk
from campaigns.feedback.desk import Came, Desk
from campaigns.feedback.models import Post
from tests.races import at_once

pytestmark = pytest.mark.django_db
BODY = json.dumps({"RecordType": "Delivery", "Recipient": "ana@company.example"})


def wrong(secret):
    return "Basic " + base64.b64encode(secret.encode()).decode()


def test_a_post_with_the_secret_is_kept_as_it_came(post):
    answer = post("postmark", BODY)
    assert answer.status_code == 200
    assert not answer.content
    kept = Post.objects.get()
    assert (kept.provider, kept.inbound, kept.state) == ("postmark", False, "waiting")
    assert bytes(kept.body).decode() == BODY


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": wrong("provider:guessed")}, {"Authorization": ""}]
)
def test_a_post_without_it_is_refused_and_not_kept(client, headers):
    answer = client.post(
        "/webhooks/postmark/", BODY, content_type="application/json", headers=headers
    )
    assert answer.status_code == 400
    assert not Post.objects.exists()


def test_a_provider_that_is_not_ours_finds_no_door(post, settings):
    settings.WEBHOOKS = ["mailgun"]
    assert post("postmark", BODY).status_code == 404
    assert post("nobody", BODY).status_code == 404
    assert post("mailgun", BODY, kind="other/").status_code == 404


@pytest.mark.parametrize("provider", ["resend", "mailtrap", "unisender_go"])
def test_who_brings_no_mail_has_no_door_for_it(client, post, settings, provider):
    settings.WEBHOOKS = [provider]
    assert client.get(f"/webhooks/{provider}/").status_code == 200
    assert client.get(f"/webhooks/{provider}/inbound/").status_code == 404
    assert post(provider, BODY, kind="inbound/").status_code == 404


def test_a_provider_may_try_the_address_and_nothing_comes_of_it(client):
    for method in (client.get, client.head):
        assert method("/webhooks/mandrill/").status_code == 200
    assert client.delete("/webhooks/mandrill/").status_code == 405
    assert not Post.objects.exists()


def test_what_is_too_large_is_refused(post, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert post("postmark", "x" * 1001).status_code == 413
    assert not Post.objects.exists()


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"', "\0", "{" * 5000])
@pytest.mark.parametrize("provider", ["mailgun", "amazon_ses", "unisender_go"])
def test_nonsense_is_refused_where_the_proof_stands_in_it(post, provider, body):
    assert post(provider, body).status_code == 400
    assert not Post.objects.exists()


def test_in_the_clear_nothing_is_taken(post, settings):
    settings.HTTPS = True
    assert post("postmark", BODY).status_code == 403


def test_while_the_database_is_away_the_provider_is_told_to_come_again(
    post, monkeypatch
):
    def fail(came):
        raise OperationalError

    monkeypatch.setattr(desk, "store", fail)
    assert post("postmark", BODY).status_code == 503


def test_the_door_is_opened_before_sessions_and_log_ins(
    post, django_assert_num_queries
):
    with django_assert_num_queries(1):
        answer = post("postmark", BODY)
    assert not answer.cookies


def test_its_address_is_known_by_name():
    assert reverse("webhook", args=["postmark"]) == "/webhooks/postmark/"
    assert (
        reverse("webhook_inbound", args=["postmark"]) == "/webhooks/postmark/inbound/"
    )


@pytest.fixture
def statements(monkeypatch):
    """How many posts each statement held."""
    written, store = [], desk.store

    def note(came):
        written.append(len(came))
        store(came)

    monkeypatch.setattr(desk, "store", note)
    return written


@pytest.mark.django_db(transaction=True)
def test_posts_that_arrive_together_share_a_commit(statements, monkeypatch):
    ours, stood, everybody = Desk(), [], Event()

    class Line(list):
        def append(self, ticket):
            super().append(ticket)
            stood.append(ticket)
            if len(stood) == 21:
                everybody.set()

    store = desk.store

    def wait_for_the_others(came):
        # Whoever comes first holds the desk until everybody else has stood in line.
        assert everybody.wait(timeout=30)
        store(came)

    ours._line = Line()
    monkeypatch.setattr(desk, "store", wait_for_the_others)
    at_once(lambda: ours.take(Came("postmark", b"{}")), times=24)
    # Three at the desk, and after each of them one who takes what waits.
    assert len(statements) <= 6
    assert sum(statements) == 24
    assert Post.objects.count() == 24


@pytest.mark.django_db(transaction=True)
def test_without_a_common_desk_each_has_its_own(statements):
    """The negative control of the test above."""
    at_once(lambda: Desk().take(Came("postmark", b"{}")), times=8)
    assert statements == [1] * 8


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_cut_meanwhile_is_taken_anew():
    desk.store([Came("postmark", b"1")])
    with connection.cursor() as cursor, suppress(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    desk.store([Came("postmark", b"2")])
    assert Post.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_commit_that_fails_fails_for_everybody_in_it(monkeypatch):
    def fail(came):
        raise OperationalError

    monkeypatch.setattr(desk, "store", fail)
    ours = Desk()

    def take():
        try:
            ours.take(Came("postmark", b"{}"))
        except OperationalError:
            return "told"

    assert at_once(take, times=4) == ["told"] * 4
    monkeypatch.undo()
    ours.take(Came("postmark", b"{}"))
    assert Post.objects.count() == 1
    assert not connection.in_atomic_block
