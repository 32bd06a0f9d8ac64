"""Remembers beside the database when it last lived, so that a step back shows.

A dump restored into the very database it came from brings its own permission to send.
But its last sign of life is older than what this computer has seen: then nobody sends
until a person has decided.
"""

import json
import os
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

#: Processes note their signs of life every ten seconds, and not all at once.
_TOLERANCE = timedelta(seconds=60)
_NAME = "last-seen.json"

#: Set by processes that send, and by nobody else.
_folder: Path | None = None


def watch(folder: Path | None) -> None:
    """Keep and compare from now on, in *folder*."""
    global _folder  # noqa: PLW0603 - one per process, as its environment is
    _folder = folder


def keep(database: str, at: datetime) -> None:
    """*database* was alive at that time."""
    if _folder is None:
        return
    try:
        _folder.mkdir(parents=True, exist_ok=True)
        draft = _folder / f"{_NAME}.{os.getpid()}"
        said = {"database": _digest(database), "at": at.isoformat()}
        draft.write_text(json.dumps(said), encoding="ascii")
        draft.replace(_folder / _NAME)
    except OSError as error:
        log.warning("last_seen_not_kept", error=type(error).__name__)


def saw_later(database: str, newest: datetime | None) -> bool:
    """Has this computer seen *database* alive well after its own *newest* sign?"""
    if _folder is None or newest is None:
        return False
    try:
        said = json.loads((_folder / _NAME).read_text(encoding="ascii"))
        seen = datetime.fromisoformat(said["at"])
    except (OSError, ValueError, KeyError):
        return False
    same: bool = said.get("database") == _digest(database)
    return same and seen > newest + _TOLERANCE


def _digest(database: str) -> str:
    return sha256(f"last seen:{database}".encode()).hexdigest()
