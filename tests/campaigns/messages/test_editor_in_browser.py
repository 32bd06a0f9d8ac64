"""The editor as a person uses it: tabs, placeholders, preview, a test mail."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.messages.models import MessageText, OutboxMail
from tests.factories import UserFactory
from tests.journeys import browsing

from .conftest import make_message

pytestmark = pytest.mark.browser

# A sandboxed frame in a process of its own takes clicks meant for what was scrolled
# to where it had been, until a busy machine has drawn the page anew.
UNISOLATED = "--disable-features=IsolateSandboxedIframes"


@pytest.fixture
def page(live_server, transactional_db, settings):
    settings.EMAIL_BACKEND = "campaigns.messages.outbox.EmailBackend"
    with browsing.started(UNISOLATED) as browser:
        context = browser.new_context(base_url=live_server.url)
        context.add_cookies([session_cookie(live_server)])
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.on(
            "console",
            lambda line: line.type == "error" and page.faults.append(line.text),
        )
        yield page


def session_cookie(live_server):
    client = Client()
    client.force_login(UserFactory(role="marketing_editor", email="eva@norte.example"))
    name, cookie = next(iter(client.cookies.items()))
    return {"name": name, "value": cookie.value, "url": live_server.url}


@pytest.mark.parametrize("width", [390, 1280])
def test_a_message_is_written_seen_and_tried(page, brand, width, tmp_path):
    message = make_message(brand)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(reverse("admin:campaign_messages_message_change", args=[message.pk]))
    frame = page.frame_locator("[data-frame]")

    frame.get_by_text("Hello Ana").wait_for()
    page.get_by_role("tab", name="English").click()
    body = page.locator("#id_en-body")
    body.fill("Dear ")
    page.locator("[data-placeholder='buyer.full_name']").click()
    assert body.input_value() == "Dear {{ buyer.full_name }}"
    frame.get_by_text("Dear Ana García").wait_for()

    body.fill("Dear {{ buyer.nickname }}")
    page.get_by_text("“buyer.nickname” is not a placeholder").wait_for()
    body.fill("Dear {{ buyer.first_name }}")
    page.get_by_text("Nothing is missing in this language").wait_for()

    page.get_by_role("button", name="Send a test to eva@norte.example").click()
    page.get_by_text("A test message is on its way").wait_for()
    assert OutboxMail.objects.get().subject == "[Test] Welcome, Ana"

    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("The message is saved.").wait_for()
    saved = MessageText.objects.get(message=message, language="en")
    assert saved.body == "Dear {{ buyer.first_name }}"
    assert page.url.endswith("#en")
    assert page.faults == []
    too_wide = "document.documentElement.scrollWidth > window.innerWidth"
    assert not page.evaluate(too_wide)
    page.frame_locator("[data-frame]").get_by_text("Dear Ana").wait_for()
    page.screenshot(path=tmp_path / f"editor-{width}.png", full_page=True)


def test_a_mail_in_the_outbox_opens_its_links_in_a_new_tab(page, brand, tmp_path):
    message = make_message(brand)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(reverse("admin:campaign_messages_message_change", args=[message.pk]))
    page.frame_locator("[data-frame]").get_by_text("Hello Ana").wait_for()
    page.get_by_role("button", name="Send a test to").click()
    page.get_by_text("A test message is on its way").wait_for()
    mail = OutboxMail.objects.get()

    page.goto(reverse("admin:campaign_messages_outboxmail_change", args=[mail.pk]))
    frame = page.frame_locator("iframe")
    link = frame.get_by_role("link", name="come in")
    with page.expect_popup() as popup:
        link.click()
    assert popup.value.evaluate("window.opener") is None
    page.get_by_role("tab", name="Headers").click()
    page.get_by_text("Auto-Submitted").wait_for()
    page.screenshot(path=tmp_path / "outbox.png")
    assert page.faults == []
