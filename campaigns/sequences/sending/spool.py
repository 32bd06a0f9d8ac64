"""What a sender notes on its own disk while a chunk is on the wire.

"begin" is written before a message, its answer as soon as there is one. When the
process dies, the reaper reads which of its messages went out. A computer that lost
power may have lost the last lines too: then what is not said means nothing, which
is why the file names the boot it was written in.
"""

import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

#: Settled chunks are dropped from the file when it has grown to this.
LARGEST = 1_000_000
_SUFFIX = ".spool"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_BOOT = "boot"
BEGIN = "begin"

#: A delivery, and which of its tries.
Key = tuple[int, int]


class Spool:
    """The notes of one process, which holds a lock on them for as long as it lives.

    A line is with the operating system, and so survives us, before a call returns.
    """

    def __init__(self, folder: Path, worker: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = _path(folder, worker)
        self._file = -1
        self._is_settled = True
        self._renew()

    def begin(self, key: Key) -> None:
        """Raises OSError where it cannot be noted; then it must not be sent."""
        self._is_settled = False
        self._write(BEGIN, key)

    def end(
        self, key: Key, verdict: str, code: str = "", provider_id: str = ""
    ) -> None:
        self._write(verdict, key, code, provider_id)

    def settled(self) -> None:
        """Everything noted so far is in the database."""
        self._is_settled = True
        if os.lseek(self._file, 0, os.SEEK_CUR) > LARGEST:
            self._renew()

    def close(self) -> None:
        """Let go of the file; it stays where something in it is not settled."""
        if self._file < 0:
            return
        if self._is_settled:
            self.path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = -1

    def abandon(self) -> None:
        """Let go of the file, and leave it to the reaper as it is."""
        self._is_settled = False
        self.close()

    def _write(self, word: str, key: Key, code: str = "", note: str = "") -> None:
        if code or note:
            code, note = " ".join(code.split()), " ".join(note.split())
        line = f"{word}\t{key[0]}\t{key[1]}\t{code}\t{note}\n".encode()
        written = os.write(self._file, line)
        if written != len(line):
            # Half a line would make nonsense of the next one.
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise OSError("The spool's disk is full.")

    def _renew(self) -> None:
        """Begin anew; a reader sees either file whole, and either locked."""
        fresh = self.path.with_suffix(".new")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        opened = os.open(fresh, flags, 0o600)
        fcntl.flock(opened, fcntl.LOCK_EX)
        os.write(opened, f"{_BOOT}\t{boot_id()}\n".encode())
        fresh.replace(self.path)
        if self._file >= 0:
            os.close(self._file)
        self._file = opened


@dataclass(frozen=True, slots=True)
class Note:
    """The last thing said about a try: that it began, or what the answer was."""

    word: str
    code: str = ""
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """``is_whole``: what is not noted has not happened."""

    is_whole: bool
    tries: dict[Key, Note] = field(default_factory=dict)


def read(folder: Path, worker: str) -> Notes | None:
    """The notes of *worker*, or None where there are none on this computer."""
    try:
        text = _path(folder, worker).read_text("utf-8", errors="replace")
    except OSError:
        return None
    # What follows the last line end was cut off with its writer, and says nothing.
    first, *lines = text.split("\n")[:-1] or [""]
    same_boot = bool(boot_id()) and first == f"{_BOOT}\t{boot_id()}"
    return Notes(same_boot, dict(_tries(lines)))


def _tries(lines: list[str]) -> Iterator[tuple[Key, Note]]:
    for line in lines:
        word, *rest = line.split("\t")
        if len(rest) == 4 and rest[0].isdecimal() and rest[1].isdecimal():
            yield (int(rest[0]), int(rest[1])), Note(word, *rest[2:])


def abandoned(folder: Path) -> list[str]:
    """Whose notes are on this computer without a living process behind them."""
    return sorted(
        path.stem for path in folder.glob(f"*{_SUFFIX}") if _is_abandoned(path)
    )


def forget(folder: Path, worker: str) -> None:
    _path(folder, worker).unlink(missing_ok=True)


def _is_abandoned(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        # Locked by its owner, or gone meanwhile.
        return False
    return True


def _path(folder: Path, worker: str) -> Path:
    return folder / f"{worker}{_SUFFIX}"


@cache
def boot_id() -> str:
    """Changes whenever the computer starts; empty where nothing says so."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""
