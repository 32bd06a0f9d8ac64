"""What a reader's program makes of a measured mail: the trap is not there for her."""

import pytest

from campaigns.messages import measured
from tests.journeys import browsing

from .mails import CONTEXT, compiled, templates

pytestmark = pytest.mark.browser
# Whatever a finger or a mouse meets, anywhere on the page.
TOUCH = """() => {
    const met = new Set();
    for (let y = 0; y < document.documentElement.scrollHeight; y += 1) {
        window.scrollTo(0, y);
        for (let x = 0; x < innerWidth; x += 3) {
            const there = document.elementFromPoint(x, y - window.scrollY);
            if (there && there.closest("a")) met.add(there.closest("a").href);
        }
    }
    return [...met];
}"""
BODY = "[News](https://news.example) and [more](https://more.example)."


@pytest.mark.parametrize("width", [390, 1280])
def test_no_person_meets_the_trap_by_eye_finger_keyboard_or_screen_reader(width):
    built = templates(BODY)
    mail = compiled(BODY)
    marked = type(built)(built.subject, measured.mark(built.html, {}), built.text)
    options = {"language": "en", "purpose": "marketing", "brand": mail.brand}
    slots = {"measured": {"trap": "TRAP", "pixel": "PIXEL"}}
    html = type(mail)(marked, **options).fill({**CONTEXT, **slots}).html
    assert "/m/TRAP" in html
    with browsing.started() as browser:
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.route("**/*", lambda route: route.abort())
        page.set_content(html)
        trap = page.locator("a[href$='/m/TRAP']")
        assert trap.count() == 1
        assert not trap.is_visible()
        met = page.evaluate(TOUCH)
        assert {"https://news.example/", "https://more.example/"} <= set(met)
        assert not any("TRAP" in address for address in met)
        # The negative control: with a word in it, a finger would meet it.
        trap.evaluate("one => one.textContent = 'More'")
        assert any("TRAP" in address for address in page.evaluate(TOUCH))
        trap.evaluate("one => one.textContent = ''")
        reached = []
        for _press in range(10):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.href || ''"))
        assert "https://more.example/" in reached
        assert not any("TRAP" in address for address in reached)
        names = page.get_by_role("link").evaluate_all("all => all.map(a => a.href)")
        assert not any("TRAP" in address for address in names)
