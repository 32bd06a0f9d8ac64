"""A person's gesture is seen, a scanner's is not; and all works without a script."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from campaigns.invitations.models import Invitation
from tests.journeys import browsing

from .conftest import link_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser(live_server):
    with browsing.started() as browser:
        yield browser


class Store(BaseHTTPRequestHandler):
    """A store on another host, which sends newcomers on to its log-in."""

    def do_GET(self):
        if self.path.startswith("/log-in"):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"The store")
        else:
            port = self.server.server_port
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{port}/log-in")
            self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def store(settings):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Store)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.STORE_URL = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()


@pytest.fixture
def page(browser, live_server, invitation, store):
    page = browser.new_page(base_url=live_server.url)
    page.faults = []
    page.on(
        "console", lambda line: line.type == "error" and page.faults.append(line.text)
    )
    page.goto(link_of(invitation))
    yield page
    assert page.faults == []


def seen():
    return Invitation.objects.get().seen_at is not None


def test_a_real_gesture_is_seen(page):
    with page.expect_response("**/i/seen") as answer:
        page.keyboard.press("Tab")
    assert answer.value.status == 204
    assert seen()


def test_rendering_and_made_up_events_are_not_seen(page):
    page.wait_for_load_state("networkidle")
    page.evaluate(
        """() => {
            for (const name of ["pointerdown", "keydown", "wheel", "mousemove"]) {
                document.dispatchEvent(new Event(name, {bubbles: true}));
            }
            window.scrollTo(0, 9999);
            document.getElementById("main").click();
        }"""
    )
    page.wait_for_load_state("networkidle")
    assert not seen()


def test_accepting_ends_in_a_store_on_another_host(page):
    page.get_by_role("button").click()
    page.wait_for_url("**/log-in")
    assert Invitation.objects.get().accepted_at


def test_it_works_without_a_script(browser, live_server, invitation, store):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(link_of(invitation))
    page.get_by_role("button").click()
    page.wait_for_url("**/log-in")
    assert Invitation.objects.get().accepted_at


def test_the_token_is_in_no_address_and_no_referrer(page, invitation):
    asked = []
    page.on("request", lambda one: asked.append((one.url, one.headers.get("referer"))))
    page.get_by_role("button").click()
    page.wait_for_url("**/log-in")
    token = link_of(invitation)[3:]
    assert any(url.endswith("/i/accept") for url, _ in asked)
    for url, referrer in asked:
        assert token not in url
        assert token not in (referrer or "")
        assert "127.0.0.1" not in url or referrer is None
