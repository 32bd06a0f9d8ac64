"""Who tries links that are not ours is slowed down; nobody waits for the cache."""

import pytest
from django.core.cache import cache

from accounts.consent import throttle

from .conftest import link_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    cache.clear()
    monkeypatch.setattr(throttle, "cautious", throttle.Cautious())


def try_bad_links(client, times, **where):
    for n in range(times):
        answer = client.get(f"/i/not-a-link-of-ours-{n}", **where)
    return answer.status_code


def test_bad_links_are_slowed_down_after_a_while(client):
    assert try_bad_links(client, throttle.MOST) == 302
    answer = client.get("/i/one-more")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "60"


def test_then_a_good_link_gets_the_same_answer(client, invitation):
    try_bad_links(client, throttle.MOST)
    assert client.get(link_of(invitation)).status_code == 429


def test_others_are_not_slowed_down(client, invitation):
    try_bad_links(client, throttle.MOST, REMOTE_ADDR="203.0.113.9")
    assert client.get(link_of(invitation)).status_code == 302


def test_good_links_are_not_counted(client, invitation):
    for _ in range(throttle.MOST + 5):
        assert client.get(link_of(invitation)).status_code == 302


def test_an_address_that_nobody_vouches_for_is_not_believed(client):
    for n in range(throttle.MOST):
        client.get(f"/i/bad-{n}-link", headers={"x-forwarded-for": f"10.0.0.{n}"})
    assert client.get("/i/bad-link").status_code == 429


def test_behind_a_proxy_the_client_is_counted(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for n in range(throttle.MOST):
        forged = {"x-forwarded-for": f"10.0.0.{n}, 203.0.113.9"}
        client.get(f"/i/bad-{n}-link", headers=forged)
    answers = [
        client.get("/i/bad-link", headers={"x-forwarded-for": address}).status_code
        for address in ("203.0.113.9", "203.0.113.10")
    ]
    assert answers == [429, 302]


def test_without_its_cache_it_lets_all_pass_and_asks_no_more(
    client, invitation, monkeypatch
):
    asked = []

    def fail(*args, **kwargs):
        asked.append(args)
        raise ConnectionError

    monkeypatch.setattr(throttle.cache, "get", fail)
    monkeypatch.setattr(throttle.cache, "add", fail)

    assert try_bad_links(client, 5) == 302
    assert client.get(link_of(invitation)).status_code == 302
    assert len(asked) == 1
