"""A process that sends: its name, its way out, its notes, and how fast it is."""

import gc
import os
from dataclasses import dataclass, field
from pathlib import Path
from socket import gethostname
from uuid import uuid4

from django.conf import settings

from campaigns.sequences.sending import transports
from campaigns.sequences.sending.plans import Plans
from campaigns.sequences.sending.spool import Spool
from campaigns.sequences.sending.transports import Transport

#: "The last look covers at most 64 messages and one second of work."
LARGEST_CHUNK = 64
#: Facts and links are fetched for so many at a time, or for ten seconds of work.
LARGEST_BATCH = 512
_BATCH_SECONDS = 10.0
_CHUNK_SECONDS = 0.8


@dataclass(slots=True)
class Pace:
    """How many messages go out in a second, as the last chunks showed."""

    #: Slow until proven fast: a first chunk of a slow server must not take minutes.
    per_second: float = 16.0

    @property
    def chunk(self) -> int:
        return _between(1, int(self.per_second * _CHUNK_SECONDS), LARGEST_CHUNK)

    @property
    def batch(self) -> int:
        wanted = int(self.per_second * _BATCH_SECONDS)
        return _between(self.chunk, wanted, LARGEST_BATCH)

    def learn(self, messages: int, seconds: float) -> None:
        if messages:
            seen = messages / max(seconds, 1e-3)
            # Believes the worse at once, the better by and by.
            self.per_second = min(seen, self.per_second * 4)


@dataclass(slots=True)
class Worker:
    """One sender. Not shared between threads."""

    name: str
    transport: Transport
    spool: Spool
    pace: Pace = field(default_factory=Pace)
    plans: Plans = field(default_factory=Plans)
    #: Under a former name something may lie about that nobody has looked after.
    left_something: bool = False

    def begin_anew(self) -> None:
        """Leave what could not be settled to the reaper, with the notes about it.

        Under the old name and its notes nothing would be settled before the lease is
        over, and later chunks would write over them.
        """
        folder = self.spool.path.parent
        self.spool.abandon()
        self.left_something = True
        self.name = _make_name()
        self.spool = Spool(folder, self.name)

    def close(self) -> None:
        """Say goodbye. Only when nothing of it is on its way any more."""
        self.transport.close()
        self.spool.close()


def make() -> Worker:
    name = _make_name()
    spool = Spool(Path(settings.SPOOL_DIR), name)
    return Worker(name, transports.make(), spool)


def _make_name() -> str:
    return f"{gethostname()[:40]}-{os.getpid()}-{uuid4().hex[:12]}"


def keep_what_is_loaded() -> None:
    """For a process that will send: code and settings stay, and are not searched for
    garbage again and again, which took it a sixth of its time."""
    gc.freeze()


#: By process id: a forked child has its own.
_current: dict[int, Worker] = {}


def current() -> Worker:
    """The worker of this process."""
    return _current.get(os.getpid()) or _current.setdefault(os.getpid(), make())


def close_current() -> None:
    if worker := _current.pop(os.getpid(), None):
        worker.close()


def _between(least: int, value: int, most: int) -> int:
    return max(least, min(value, most))
