"""Logged out in the middle of a long form: what was typed is still there to save."""

import pytest
from django.conf import settings

from campaigns.messages.models import Message
from tests.campaigns.sequences import scenes
from tests.factories import UserFactory
from tests.journeys import browsing

PASSWORD = "correct-horse-battery"
TYPED = "An hour of work"
OVER = "[data-session-over]"
TEXT = "#message-form textarea:visible"
SAVE = "#message-form button[type=submit]:visible"


@pytest.fixture
def editor(db):
    user = UserFactory(role="marketing_manager", email="marta@distributor.example")
    user.set_password(PASSWORD)
    user.save()
    return user


def test_a_page_is_told_the_token_to_go_with(client, editor):
    client.force_login(editor)

    answer = client.get("/accounts/session/")

    assert answer.json()["token"]
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_stranger_gets_none_and_a_post_is_refused(client, db):
    assert client.get("/accounts/session/").json() == {"token": None}
    assert client.post("/accounts/session/").status_code == 405


@pytest.fixture(scope="module")
def browser():
    with browsing.started() as browser:
        yield browser


@pytest.fixture
def visitor(browser, live_server, transactional_db, editor):
    visitor = browsing.Visitor(browser, live_server.url, "en", 1280, "session")
    visitor.log_in(editor.email, PASSWORD)
    yield visitor
    visitor.close()


@pytest.fixture
def page(visitor):
    """A message that she has been writing on, while her session ended."""
    scenes.make_brand()
    message = scenes.make_message()
    page = visitor.go(f"/admin/campaign_messages/message/{message.pk}/change/")
    page.locator(TEXT).first.fill(TYPED)
    visitor.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    return page


def stored():
    return "".join(Message.objects.get().texts.values_list("body", flat=True))


@pytest.mark.browser
def test_what_was_typed_waits_for_her_to_log_in_again(page, visitor, editor):
    page.locator(SAVE).click()
    page.locator(OVER).wait_for()
    visitor.look("over")
    assert TYPED not in stored()

    with visitor.context.expect_page() as opened:
        page.locator(f"{OVER} a").click()
    other = opened.value
    other.fill("input[name=login]", editor.email)
    other.fill("input[name=password]", PASSWORD)
    other.press("input[name=password]", "Enter")
    other.wait_for_url("**/admin/")
    other.close()
    with page.expect_navigation():
        page.locator(SAVE).click()

    assert page.locator(OVER).count() == 0
    assert TYPED in stored()


@pytest.mark.browser
def test_without_asking_it_would_be_lost(page):
    """The negative control: the form goes as it is, and the log-in takes its place."""
    with page.expect_navigation():
        page.evaluate("document.querySelector('#message-form').submit()")

    assert "/accounts/login/" in page.url
    assert TYPED not in stored()
