"""When so many of so many are too many: pure arithmetic.

A rate is taken over at least so many messages: of fewer, the rest is taken to have
gone well. So one complaint among the first ten is not "10 %", and nine bounces of the
first ten still show. One more of the bad never makes it better, and one more of the
good never worse; tests hold both.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum


class Level(IntEnum):
    CALM = 0
    WARN = 1
    STOP = 2


@dataclass(frozen=True, slots=True)
class Threshold:
    """``warn`` and ``stop`` in percent; ``least``: messages a rate is taken over."""

    warn: Decimal
    stop: Decimal
    least: int

    def rate(self, bad: int, of: int) -> Decimal:
        """In percent."""
        return Decimal(100 * bad) / max(of, self.least)

    def judge(self, bad: int, of: int) -> Level:
        rate = self.rate(bad, of)
        if rate > self.stop:
            return Level.STOP
        return Level.WARN if rate > self.warn else Level.CALM
