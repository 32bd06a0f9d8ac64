"""Whether this worker has been asked to stop, as its children know it.

Celery's parent process hears the signal, its children send: they share a page of
memory, and whoever is in the middle of a campaign ends with the chunk in hand.
"""

import mmap

#: Made before the fork, and shared by all who come of it.
_page = mmap.mmap(-1, 1)


def ask() -> None:
    """Safe in a signal handler."""
    _page[0] = 1


def forget() -> None:
    _page[0] = 0


def is_asked() -> bool:
    return bool(_page[0])
