"""What the parts say, line by line, with the name of the part before each."""

import os
import sys
import threading
from typing import IO

COLOURS = (36, 33, 35, 32, 34, 31)
WIDTH = 10


class Console:
    """Writes whole lines, so that parts never interrupt one another."""

    def __init__(self, out: IO[str] | None = None) -> None:
        self.out = out or sys.stdout
        self.coloured = self.out.isatty() and "NO_COLOR" not in os.environ
        self.lock = threading.Lock()
        self.known: dict[str, int] = {}

    def say(self, text: str, part: str = "up") -> None:
        for line in text.splitlines() or [""]:
            self._write(f"{self._prefix(part)} {line}\n")

    def show(self, text: str) -> None:
        """Without a prefix: what a person reads at the end of the start."""
        self._write(text if text.endswith("\n") else text + "\n")

    def follow(self, part: str, pipe: IO[bytes]) -> threading.Thread:
        """Pass on what comes through the pipe until its other end closes."""

        def pump() -> None:
            with pipe:
                for line in pipe:
                    self.say(line.decode(errors="replace").rstrip("\n"), part)

        thread = threading.Thread(target=pump, name=f"output of {part}", daemon=True)
        thread.start()
        return thread

    def _prefix(self, part: str) -> str:
        name = f"{part:<{WIDTH}} │"
        if not self.coloured:
            return name
        colour = self.known.setdefault(part, COLOURS[len(self.known) % len(COLOURS)])
        return f"\033[{colour}m{name}\033[0m"

    def _write(self, text: str) -> None:
        with self.lock:
            # The terminal may be gone; the parts still want an orderly stop.
            try:
                self.out.write(text)
                self.out.flush()
            except (BrokenPipeError, OSError, ValueError):
                self.out = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
