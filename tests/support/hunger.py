"""A process that gets no more memory, wherever it stands."""

import resource

#: Larger pieces first, so that in the end not the smallest is left.
_PIECES = (2**20, 2**16, 2**12, *range(512, 0, -16))
_eaten: list[bytearray | bytes] = []


def starve() -> None:
    """Take whatever this process has left; all it asks for from now on is refused."""
    resource.setrlimit(resource.RLIMIT_AS, (1, 1))
    for size in _PIECES:
        _eat(size)


def _eat(size: int) -> None:
    try:
        while True:
            _eaten.append(bytes(size))
    except MemoryError:
        return
