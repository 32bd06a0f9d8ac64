"""A server in a process of its own that outlives its clients, and its ledger."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from onboarding.bundled.processes import die_with_parent


@dataclass
class Ledger:
    path: Path
    port: int = 0
    _counted: int = 0
    _bytes: int = 0

    def read(self) -> list[tuple[str, str]]:
        """(delivery, recipient) of each message taken, in order."""
        lines = self.path.read_text().splitlines()
        return [(one, to) for one, _tab, to in (line.partition("\t") for line in lines)]

    def __len__(self) -> int:
        """Asked again and again, while it grows for half an hour."""
        with self.path.open("rb") as file:
            file.seek(self._bytes)
            more = file.read()
        self._bytes += len(more)
        self._counted += more.count(b"\n")
        return self._counted


@contextmanager
def kept(path: Path, module: str, *arguments: str) -> Iterator[Ledger]:
    """Run *module*, which prints its port, with the ledger as its last argument."""
    path.touch()
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments, str(path)],
        stdout=subprocess.PIPE,
        preexec_fn=die_with_parent(),  # noqa: PLW1509 - two system calls, no lock
    )
    assert process.stdout
    try:
        yield Ledger(path, int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
