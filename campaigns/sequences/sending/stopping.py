"""Whether a process that sends has been asked to stop.

Celery's parent process hears the signal, its children send: they share a page of
memory, and whoever is in the middle of a campaign ends with the chunk in hand. Celery
forks wherever that is possible, also on macOS, and the product runs nowhere else (its
notes need `fcntl`). Where somebody forbids it (MULTIPROCESSING_FORKING_DISABLE), a
child ends after its task instead: within half a minute.
"""

import mmap
from contextlib import suppress
from threading import Lock

#: Made before the fork, and shared by all who come of it.
_page = mmap.mmap(-1, 1)


def ask() -> None:
    """Safe in a signal handler."""
    _page[0] = 1


def forget() -> None:
    _page[0] = 0


def is_asked() -> bool:
    return bool(_page[0])


class Request:
    """To stop: made by a signal handler, too, and noticed at once by whoever waits.

    Not so `threading.Event`: when the signal interrupts a wait that holds its lock, the
    handler waits for that lock for ever.
    """

    def __init__(self) -> None:
        self._is_made = False
        #: Locked until then; nobody waits for it with anything in hand.
        self._gate = Lock()
        self._gate.acquire()

    def make(self) -> None:
        self._is_made = True
        with suppress(RuntimeError):  # open already
            self._gate.release()

    def is_made(self) -> bool:
        return self._is_made

    def wait(self, seconds: float) -> None:
        """At most so long."""
        if not self._is_made:
            self._gate.acquire(timeout=seconds)
