"""How many processes of this computer may talk to one mail server at a time.

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
        self._held = -1

    def take(self) -> None:
        """Take one, unless we have it; raises `Busy` where none is free."""
        if self._held >= 0:
            return
        for path in self._paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(opened)
                continue
            self._held = opened
            return
        raise Busy("all connections to the server are in use")

    def leave(self) -> None:
        if self._held >= 0:
            os.close(self._held)
            self._held = -1
