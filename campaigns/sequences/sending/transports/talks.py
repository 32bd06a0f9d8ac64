"""Several conversations at a time, in one thread.

A conversation is a generator that yields whenever it has to wait for its socket. So
each is written as if it were the only one, and nothing is shared between threads.
"""

import select
import socket
import time
from collections.abc import Generator, Iterable
from typing import NamedTuple, TypeVar

READ, WRITE = select.POLLIN, select.POLLOUT

T = TypeVar("T")

#: Yields the socket it waits for, and whether to read from it or to write to it.
Talk = Generator[tuple[socket.socket, int], None, T]


class _Waiting(NamedTuple):
    talk: Talk[None]
    ends: float


class _Table:
    """The conversations that wait; what waits too long hears a TimeoutError."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._poll = select.poll()
        #: Who waits longest stands first, for all have the same patience.
        self._waiting: dict[int, _Waiting] = {}
        #: Seconds in which nobody had anything to do.
        self.idle = 0.0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def go_on(self, talk: Talk[None], error: Exception | None = None) -> None:
        """Let it speak until it waits again, or is over."""
        try:
            wire, event = next(talk) if error is None else talk.throw(error)
        except StopIteration:
            return
        self._poll.register(wire, event)
        ends = time.monotonic() + self._patience
        self._waiting[wire.fileno()] = _Waiting(talk, ends)

    def wait(self) -> None:
        """Go on with whoever can, or has waited long enough."""
        began = time.monotonic()
        ready = self._poll.poll(max(0.0, self._first_end() - began) * 1000 + 1)
        now = time.monotonic()
        self.idle += now - began
        for number, _event in ready:
            self.go_on(self._take(number))
        while self._waiting and self._first_end() <= now:
            late = next(iter(self._waiting))
            self.go_on(self._take(late), TimeoutError("no answer in time"))

    def break_off(self) -> None:
        for number in list(self._waiting):
            self._take(number).close()

    def _first_end(self) -> float:
        return next(iter(self._waiting.values())).ends

    def _take(self, number: int) -> Talk[None]:
        self._poll.unregister(number)
        return self._waiting.pop(number).talk


def hold(talks: Iterable[Talk[None]], patience: float) -> float:
    """Hold all *talks* to their end; return the seconds in which all were waiting.

    Nobody waits longer than *patience* seconds for one answer. What one of them
    raises ends the others where they are.
    """
    table = _Table(patience)
    try:
        for talk in talks:
            table.go_on(talk)
        while table:
            table.wait()
    finally:
        table.break_off()
    return table.idle
