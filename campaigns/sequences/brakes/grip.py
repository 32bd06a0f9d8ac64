"""What a sender holds on to while it works off one batch through one provider.

Where no limit is set it asks the database once a second whether the provider has been
stopped, and nothing else. Where one is set, each chunk takes its share out of the lanes
in one short transaction, and so all senders share them.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar

from campaigns.sequences.brakes import lanes, limits, sharing, tallies, waiting
from campaigns.sequences.models import Lane

#: Why a sender does nothing, though all is in order with itself.
BRAKED = "braked"
#: How old what we know of the provider's lanes may be: as long as a chunk takes.
POLL_SECONDS = 1.0
#: For a provider that has enough of us and does not say for how long.
_USUAL_WAIT = timedelta(seconds=30)
#: The code of an answer that asks to slow down.
TOO_MANY = "429"


class Mail(Protocol):
    """What must be known of a claimed delivery."""

    @property
    def id(self) -> int: ...
    @property
    def email(self) -> str: ...
    @property
    def campaign_id(self) -> int | None: ...


M = TypeVar("M", bound=Mail)


class Fate(NamedTuple):
    """What became of one of them: ``state`` is that of the delivery, ``reached``
    whether the provider was asked, ``code`` and ``wait`` what it answered."""

    id: int
    state: str
    reached: bool
    code: str
    wait: timedelta | None
    at: datetime


def take(provider: str, *, worker: str = "") -> "Grip":
    """One statement; asked before anything is claimed."""
    return Grip(provider, worker, lanes.of(provider))


@dataclass(slots=True)
class Grip:
    provider: str
    worker: str
    lanes: list[Lane]
    clock: Callable[[], float] = time.monotonic
    #: Nothing more goes out now: stopped, told to wait, or the limit is reached.
    is_spent: bool = False
    _is_troubled: bool = False
    _read: float = field(init=False)
    #: Delivery id → the lanes it has a place in, as long as it has not gone out.
    _places: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _campaigns: dict[int, int] = field(default_factory=dict)
    _tally: Counter[tuple[int, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._read = self.clock()

    def is_closed(self, at: datetime) -> bool:
        """Has a person, a refusal or a request to wait stopped the provider?"""
        if self.clock() - self._read >= POLL_SECONDS:
            self.lanes, self._read = lanes.of(self.provider), self.clock()
        own = self.lanes[0]
        waits = own.not_before is not None and own.not_before > at
        self.is_spent = self.is_spent or own.stopped_at is not None or waits
        return self.is_spent

    def most(self, wanted: int, at: datetime) -> int:
        """How many of *wanted* it is worth to claim now."""
        own = self.lanes[0]
        room = limits.room(lanes.limits_of(own), lanes.level_of(own, at))
        return wanted if room is None else min(wanted, room)

    def admit(self, chunk: Sequence[M], at: datetime) -> list[M]:
        """Those of the chunk that may go out now; the others are back in the queue."""
        self._campaigns.update((one.id, one.campaign_id or 0) for one in chunk)
        if self.is_closed(at):
            waiting.put_back([one.id for one in chunk], worker=self.worker)
            return []
        if all(lanes.limits_of(lane).are_none for lane in self.lanes):
            return list(chunk)
        shared = sharing.share(self.provider, {one.id: one.email for one in chunk}, at)
        waiting.put_off(shared.turns, worker=self.worker)
        waiting.put_back(shared.back, worker=self.worker)
        self.is_spent = bool(shared.back)
        self._places.update(shared.places)
        return [one for one in chunk if one.id in shared.places]

    def note(self, fates: Sequence[Fate]) -> None:
        """What became of a chunk; obeys at once who asks to wait."""
        for one in fates:
            if one.reached:
                self._places.pop(one.id, None)
                state = "later" if one.state == "planned" else one.state
                self._tally[self._campaigns.get(one.id, 0), state] += 1
        asked = [one for one in fates if one.code == TOO_MANY or one.wait]
        if asked:
            until = max(one.at + (one.wait or _USUAL_WAIT) for one in asked)
            lanes.wait(self.provider, until)
            self.is_spent = True

    def trouble(self, why: str, at: datetime) -> None:
        """The provider could not be reached."""
        lanes.note_trouble(self.provider, why, at)
        self._is_troubled = True

    def stop(self, reason: str, at: datetime, detail: str) -> None:
        """The provider refuses us altogether."""
        lanes.stop(self.provider, reason, at, detail=detail)
        self.is_spent = True

    def let_go(self, at: datetime) -> None:
        """The batch is over: give back what was not used, and write the tally."""
        unused = Counter(pk for places in self._places.values() for pk in places)
        self._places.clear()
        if unused:
            lanes.give_back(self.provider, unused, at)
        if self._tally:
            if self.lanes[0].trouble and not self._is_troubled:
                lanes.note_trouble(self.provider, "", at)
            tallies.write(self.provider, self._tally, at)
            self._tally.clear()
