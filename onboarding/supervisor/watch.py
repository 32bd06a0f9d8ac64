"""Asks the product how it is, and tells when that changes."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable

# More often until everything works: a person waits for it.
HURRIED_SECONDS = 0.5
SECONDS = 5.0
NOT_YET = {"web": "starting"}


def ask(url: str) -> tuple[bool, dict[str, str]]:
    """(ready, state of each part) as /readyz says."""
    # Our own server on this machine: a proxy has no business in between.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/readyz", timeout=5) as answer:
            return True, json.load(answer)["parts"]
    except urllib.error.HTTPError as error:
        return False, _read_parts(error)
    except (OSError, ValueError):
        return False, NOT_YET


def describe(parts: dict[str, str]) -> str:
    return ", ".join(f"{name}: {state}" for name, state in sorted(parts.items()))


def list_trouble(parts: dict[str, str]) -> dict[str, str]:
    return {name: state for name, state in parts.items() if state != "fine"}


class Watch(threading.Thread):
    """Calls `on_ready` once, and `on_change` whenever readiness comes or goes."""

    def __init__(
        self,
        url: str,
        *,
        on_ready: Callable[[], None],
        on_change: Callable[[bool, dict[str, str]], None],
        seconds: float = SECONDS,
    ) -> None:
        super().__init__(name="watch", daemon=True)
        self.url = url
        self.on_ready = on_ready
        self.on_change = on_change
        self.seconds = seconds
        self.over = threading.Event()

    def run(self) -> None:
        was_ready: bool | None = None
        while not self.over.is_set():
            ready, parts = ask(self.url)
            if self.over.is_set():
                return
            if ready and was_ready is None:
                was_ready = True
                self.on_ready()
            elif was_ready is not None and ready != was_ready:
                was_ready = ready
                self.on_change(ready, parts)
            hurried = min(HURRIED_SECONDS, self.seconds)
            self.over.wait(hurried if was_ready is None else self.seconds)

    def end(self) -> None:
        self.over.set()


def _read_parts(error: urllib.error.HTTPError) -> dict[str, str]:
    try:
        parts: dict[str, str] = json.load(error)["parts"]
    except (ValueError, KeyError):
        return {"web": f"answers {error.code}"}
    return parts
