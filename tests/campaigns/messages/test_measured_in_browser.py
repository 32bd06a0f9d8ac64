"""What a reader's program makes of a measured mail: the trap is not there for her."""

import pytest

from campaigns.messages import measured
from tests.journeys import browsing

from .mails import CONTEXT, compiled, templates

pytestmark = pytest.mark.browser
BODY = "[News](https://news.example) and [more](https://more.example)."


def test_no_person_meets_the_trap_by_eye_keyboard_or_screen_reader():
    built = templates(BODY)
    mail = compiled(BODY)
    marked = type(built)(built.subject, measured.mark(built.html, {}), built.text)
    options = {"language": "en", "purpose": "marketing", "brand": mail.brand}
    slots = {"measured": {"trap": "TRAP", "pixel": "PIXEL"}}
    html = type(mail)(marked, **options).fill({**CONTEXT, **slots}).html
    assert "/m/TRAP" in html
    with browsing.started() as browser:
        page = browser.new_page()
        page.route("**/*", lambda route: route.abort())
        page.set_content(html)
        trap = page.locator("a[href$='/m/TRAP']")
        assert trap.count() == 1
        assert not trap.is_visible()
        reached = []
        for _press in range(10):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.href || ''"))
        assert "https://more.example/" in reached
        assert not any("TRAP" in address for address in reached)
        names = page.get_by_role("link").evaluate_all("all => all.map(a => a.href)")
        assert not any("TRAP" in address for address in names)
