"""What has been stopped since the last look: asked for before each message.

The database is asked at most every quarter of a second, about what is left of the
chunk. So a pause, a stop, an objection or a colleague's order holds back whatever
begins a quarter of a second later; the message on the wire goes its way.
"""

import time
from collections.abc import Callable, Mapping, Sequence

POLL_SECONDS = 0.25

#: Asks again about deliveries that are being sent: id → reason to hold it back.
Ask = Callable[[Sequence[int]], Mapping[int, str]]


class StopList:
    def __init__(
        self,
        ids: Sequence[int],
        ask: Ask,
        *,
        age: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """The last look is *age* seconds old."""
        self._ids = ids
        self._ask = ask
        self._clock = clock
        self._reasons: Mapping[int, str] = {}
        self._asked = clock() - age

    def reason(self, delivery_id: int) -> str:
        """Why this delivery is to be held back; empty when it is not."""
        now = self._clock()
        if now - self._asked >= POLL_SECONDS:
            self._asked = now
            self._reasons = self._ask(self._ids)
        return self._reasons.get(delivery_id, "")
