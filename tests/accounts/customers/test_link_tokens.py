"""Tokens of personal links: one form each, for one purpose, under any key of ours."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.customers import links

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize("delivery", [None, uuid4()])
def test_a_token_says_again_what_it_was_made_of(delivery):
    subject = uuid4()
    token = links.make("unsubscribe", subject, 3, delivery)
    assert links.read("unsubscribe", token) == links.Claim(subject, 3, delivery)
    assert links.read("invitation", token) is None


@pytest.mark.parametrize("delivery", [None, uuid4()])
def test_a_token_has_one_form_only(delivery):
    """The last letter holds bits that say nothing: any but ours is refused."""
    token = links.make("unsubscribe", uuid4(), 1, delivery)
    forms = [token[:-1] + letter for letter in ALPHABET]
    assert [one for one in forms if links.read("unsubscribe", one)] == [token]
    for other in (token + "=", token + "==", f" {token}", token + "\n", token[:-1]):
        assert links.read("unsubscribe", other) is None


def test_without_that_care_there_are_several(monkeypatch):
    """The negative control: decoded, several letters at the end are the same."""
    from base64 import urlsafe_b64decode

    token = links.make("unsubscribe", uuid4())
    forms = {token[:-1] + letter for letter in ALPHABET}
    same = [
        one
        for one in forms
        if urlsafe_b64decode(one + "==") == urlsafe_b64decode(token + "==")
    ]
    assert len(same) > 1


def test_one_with_a_delivery_is_not_one_without(settings):
    subject, delivery = uuid4(), uuid4()
    token = links.make("unsubscribe", subject, 1, delivery)
    assert links.read("unsubscribe", token[:46]) is None


def test_old_keys_open_old_links(settings):
    token = links.make("unsubscribe", uuid4(), 1, uuid4())
    settings.LINK_KEY_FALLBACKS = [settings.LINK_KEY]
    settings.LINK_KEY = "another key, long enough for anybody who asks"
    assert links.read("unsubscribe", token) is not None
    settings.LINK_KEY_FALLBACKS = []
    assert links.read("unsubscribe", token) is None


@given(st.text(max_size=90))
def test_nonsense_is_no_token(text):
    assert links.read("unsubscribe", text) is None
