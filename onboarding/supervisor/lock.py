"""One supervisor per checkout: a lock that dies with its holder."""

import fcntl
import json
import os
from pathlib import Path
from typing import IO

FILE = "up.lock"


class AlreadyUp(Exception):
    """Another supervisor runs here: the message says which, and where."""


class Lock:
    def __init__(self, data: Path, url: str) -> None:
        self.path = data / FILE
        self.url = url
        self.file: IO[str] | None = None

    def take(self) -> None:
        self.file = self.path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyUp(_describe(self.path)) from None
        self.file.truncate(0)
        json.dump({"pid": os.getpid(), "url": self.url}, self.file)
        self.file.flush()

    def leave(self) -> None:
        if self.file is not None:
            self.file.truncate(0)
            self.file.close()
            self.file = None


def is_taken(data: Path) -> bool:
    """Does a supervisor run here?"""
    try:
        with (data / FILE).open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _describe(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        where, pid = holder["url"], holder["pid"]
    except (ValueError, KeyError):
        return "Another one is just starting or stopping here."
    return f"It already runs at {where} (process {pid}; `kill {pid}` stops it)."
