"""Stands between a transport and the wire while one chunk goes out.

Before each message it asks the stop list, notes the beginning in the spool and looks
at the lease, in this order: a process that was frozen for minutes and thaws finds
its lease over, and writes nothing.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from campaigns.sequences.brakes.grip import TOO_MANY
from campaigns.sequences.sending.spool import Spool
from campaigns.sequences.sending.stoplist import StopList
from campaigns.sequences.sending.transports import Letter, Result, Verdict

#: What has not begun after so long goes back into the queue, and is looked at anew.
CHUNK_SECONDS = 1.0

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def stopwatch() -> float:
    """Seconds that also pass while a process is frozen or its computer sleeps."""
    return time.clock_gettime(_CLOCK)


@dataclass(slots=True, kw_only=True)
class ChunkGate:
    """The gate for one chunk; ``results`` are the fates known so far."""

    spool: Spool
    stops: StopList
    #: Delivery id → number of its try.
    epochs: Mapping[int, int]
    #: Readings of the stopwatch.
    lease_ends: float
    closes: float
    stopping: Callable[[], bool]
    results: dict[int, tuple[Result, float]] = field(default_factory=dict)
    #: Delivery id → why it is not to go out any more.
    held_back: dict[int, str] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)

    def wants(self, letter: Letter) -> bool:
        """Is this letter still to go out, as far as is known?"""
        if stopwatch() > self.closes or self.stopping():
            return False
        if reason := self.stops.reason(letter.delivery_id):
            self.held_back[letter.delivery_id] = reason
            return False
        return True

    def begin(self, letter: Letter) -> bool:
        """May its first byte be written now?"""
        if not self.wants(letter):
            return False
        key = (letter.delivery_id, self.epochs[letter.delivery_id])
        self.spool.begin(key)
        if stopwatch() > self.lease_ends:
            self.spool.end(key, Verdict.WITHHELD)
            return False
        self.begun.add(letter.delivery_id)
        return True

    def end(self, letter: Letter, result: Result) -> None:
        """Its fate is known."""
        key = (letter.delivery_id, self.epochs[letter.delivery_id])
        self.results[letter.delivery_id] = (result, stopwatch())
        try:
            self.spool.end(key, result.verdict, result.code, result.provider_id)
        except OSError:
            # The database hears of it all the same, and so do others under way of
            # theirs. Whatever is to begin next finds the disk as it is.
            self.closes = 0.0
        if result.code == TOO_MANY:
            # Whoever has enough of us gets no more of this chunk either.
            self.closes = 0.0
