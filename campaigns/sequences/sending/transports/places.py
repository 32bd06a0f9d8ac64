"""How many connections this computer may keep busy at one mail server at a time.

Each place is a lock on a file: whoever dies gives it back, and nobody counts wrong.
"""

import fcntl
import os
import re
from pathlib import Path

from .base import Busy

_SUFFIX = ".place"


class Places:
    """*most* places at *server*, shared by all who name the same *folder*."""

    def __init__(self, folder: Path, server: str, most: int) -> None:
        name = re.sub(r"[^A-Za-z0-9.-]", "_", server)
        self._paths = [folder / f"{name}-{n}{_SUFFIX}" for n in range(most)]
        self._held: dict[Path, int] = {}

    def take(self, wanted: int = 1) -> int:
        """Have up to *wanted* of them; how many we have. Raises `Busy` for none."""
        for path in self._paths:
            if len(self._held) >= wanted:
                break
            if path not in self._held:
                self._try(path)
        if not self._held:
            raise Busy("all connections to the server are in use")
        return len(self._held)

    def leave(self) -> None:
        for opened in self._held.values():
            os.close(opened)
        self._held.clear()

    def _try(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(opened)
        else:
            self._held[path] = opened
