"""A browser on this machine, its pages, and pictures of what it saw."""

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright

ARTEFACTS = Path(__file__).resolve().parents[2] / "artefacts" / "browser"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# In a container there are no user namespaces for the sandbox and little /dev/shm.
FLAGS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")
HEIGHTS = {390: 844, 1280: 900}


@contextmanager
def started(*flags: str) -> Iterator[Browser]:
    """A browser; without one on this machine, the test is skipped."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs a loop in this thread, which Django takes for async code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = _launch(playwright, flags)
        yield browser
        browser.close()
        # Made within that loop: nobody outside of it would close them.
        connections.close_all()


def _launch(playwright: Playwright, flags: Sequence[str]) -> Browser:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    try:
        return playwright.chromium.launch(executable_path=found, args=[*FLAGS, *flags])
    except Error:
        pytest.skip("There is no Chromium or Chrome on this machine.")


class Visitor:
    """One person at one screen; collects what her browser complains of."""

    def __init__(
        self, browser: Browser, base: str, language: str, width: int, who: str
    ):
        self.base, self.language = base, language
        self.context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS[width]},
            locale={"es": "es-ES", "en": "en-GB"}[language],
            extra_http_headers={"Accept-Language": language},
            accept_downloads=True,
        )
        self.folder = ARTEFACTS / f"{who}-{language}-{width}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self._note(str(error.stack)))
        self.page.on("console", self._hear)
        self._taken = 0

    def _hear(self, message) -> None:
        if message.type == "error":
            self._note(message.text)

    def _note(self, complaint: str) -> None:
        self.complaints.append(f"{self.page.url}: {complaint}")

    def go(self, address: str) -> Page:
        self.page.goto(address if "://" in address else f"{self.base}{address}")
        return self.page

    def look(self, name: str) -> None:
        """Keep a picture, and see that nothing sticks out at the side."""
        self._taken += 1
        self.page.wait_for_timeout(150)  # fonts and transitions, for the picture only
        self.page.screenshot(
            path=self.folder / f"{self._taken:02}-{name}.png", full_page=True
        )
        out = self.page.evaluate(
            "document.documentElement.scrollWidth"
            " - document.documentElement.clientWidth"
        )
        assert out <= 0, f"{name}: {out} pixels stick out at the side"
        language = self.page.evaluate("document.documentElement.lang")
        assert language.startswith(self.language) or "127.0.0.1" in self.page.url

    def look_at(self, selector: str, name: str) -> None:
        """A picture of a part alone: frames show only while they are in sight."""
        part = self.page.locator(selector).first
        part.scroll_into_view_if_needed()
        self.page.wait_for_timeout(150)
        self.page.screenshot(path=self.folder / f"{self._taken:02}-{name}.png")

    def log_in(self, email: str, password: str) -> None:
        self.go("/admin/")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", password)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_url(re.compile(r"/admin/$"))

    def press(self, selector: str) -> None:
        """Press what leads to another page, and wait until that has come."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def close(self) -> None:
        self.context.close()
