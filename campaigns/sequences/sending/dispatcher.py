"""The loop that keeps everything going: react, take further, send, put in order.

It sleeps on a monotonic clock and asks the database what time it is; Redis plays no
part in it. Several may run: they meet in the rows.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.db import (
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
)

from accounts.journal import clock, doorbell, react
from campaigns.sequences import arming, nudge, touchpoints
from campaigns.sequences.arming import State
from campaigns.sequences.brakes import tallies
from campaigns.sequences.brakes.grip import BRAKED
from campaigns.sequences.planning import lifecycle
from campaigns.sequences.sending import (
    advance,
    anchors,
    deliver,
    files,
    heartbeat,
    overdue,
    reap,
    workers,
)
from campaigns.sequences.sending.stopping import Request
from campaigns.sequences.sending.workers import Worker

log = structlog.get_logger(__name__)

#: With nothing to do it looks again after so long.
IDLE_SECONDS = 2.0
#: What can wait a little is done no oftener, however busy the rest is.
_HOUSEKEEPING_SECONDS = 2.0
_FORGETTING_SECONDS = 3600.0
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
_LONGEST_TROUBLE = 300.0

#: A part of a turn gets the time and says how much it has done.
Part = Callable[[datetime], int]

_more: dict[str, Part] = {}


def register(name: str, part: Part) -> None:
    """Have *part* done in every turn, too, after the sending."""
    _more[name] = part


@dataclass(slots=True)
class Patience:
    """How long to leave something alone: twice as long after each failure.

    Up to a half of it is left out by dice, so that many who lost the same thing do not
    all come back for it in the same moment.
    """

    first: float
    longest: float
    clock: Callable[[], float] = time.monotonic
    dice: Callable[[], float] = random.random
    _wait: float = 0.0
    _until: float = 0.0

    def fail(self) -> float:
        self._wait = min(max(self.first, self._wait * 2), self.longest)
        wait = self._wait * (1 - self.dice() / 2)
        self._until = self.clock() + wait
        return wait

    def succeed(self) -> None:
        self._wait = self._until = 0.0

    @property
    def is_over(self) -> bool:
        return self.clock() >= self._until


@dataclass(slots=True)
class Dispatcher:
    """One of them; `stop` may be called from a signal handler."""

    worker: Worker = field(default_factory=workers.current)
    now: Callable[[], datetime] = clock.now
    stopping: Request = field(default_factory=Request)
    _database: Patience = field(
        default_factory=lambda: Patience(_FIRST_WAIT, _LONGEST_WAIT)
    )
    _sending: Patience = field(default_factory=lambda: Patience(5.0, _LONGEST_TROUBLE))
    _parts: dict[str, Patience] = field(default_factory=dict)
    _beats: float = 0.0
    _housekeeping: float = 0.0
    _anchoring: float = 0.0
    _forgetting: float = 0.0
    _trouble: str = ""

    def stop(self) -> None:
        """Finish the chunk in hand, then end."""
        self.stopping.make()

    def run(self) -> None:
        while not self.stopping.is_made():
            self.stopping.wait(self.turn())
        self._say_goodbye()

    def turn(self) -> float:
        """Do once whatever there is to do; seconds to wait before the next turn."""
        try:
            close_old_connections()
            done = self._work()
        except (OperationalError, InterfaceError) as error:
            connection.close()
            wait = self._database.fail()
            log.warning(
                "database_lost", error=type(error).__name__, wait=round(wait, 1)
            )
            return wait
        self._database.succeed()
        return 0.0 if done else IDLE_SECONDS

    def _work(self) -> int:
        self._beat()
        done = self._try("react", react.react)
        done += self._try("start", lambda _at: lifecycle.continue_starting())
        if self._is_due("_anchoring", _HOUSEKEEPING_SECONDS):
            done += self._try("anchors", anchors.follow)
        done += self._try("advance", self._advance)
        done += self._try("deliver", self._deliver)
        for name, part in _more.items():
            done += self._try(name, part)
        if self._is_due("_housekeeping", _HOUSEKEEPING_SECONDS):
            done += self._try("reap", reap.reap)
            done += self._try("clear", lifecycle.clear_stopped)
            for tick in touchpoints.ticks():
                done += self._try(tick.name, tick.deed)
        if self._is_due("_forgetting", _FORGETTING_SECONDS):
            self._try("forget", tallies.forget)
            self._try("forget_files", files.forget)
        return done

    def _try(self, name: str, part: Part) -> int:
        """One part's fault is not the others': it is left alone for a while.

        Each is told the time anew: the one before may have taken seconds.
        """
        patience = self._parts.setdefault(name, Patience(5.0, _LONGEST_TROUBLE))
        if self.stopping.is_made() or not patience.is_over:
            return 0
        try:
            done = part(self.now())
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("part_failed", part=name, wait=patience.fail())
            return 0
        patience.succeed()
        return done

    def _advance(self, at: datetime) -> int:
        done = advance.advance(at)
        if done > workers.LARGEST_BATCH:
            # More than one sender manages in a moment: the workers may help.
            doorbell.ring(nudge.SEND)
        return done

    def _deliver(self, at: datetime) -> int:
        if not self._sending.is_over:
            return 0
        outcome = deliver.deliver(
            at, worker=self.worker, stopping=self.stopping.is_made
        )
        self._note_trouble(outcome.trouble)
        return outcome.claimed

    def _note_trouble(self, trouble: str) -> None:
        if not trouble:
            self._sending.succeed()
        elif trouble in {deliver.DISARMED, deliver.BUSY, BRAKED}:
            # That may be over any moment; asking costs a statement or two.
            self._sending.succeed()
        else:
            self._sending.fail()
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("sending_troubled" if trouble else "sending_again", why=trouble)

    def _beat(self) -> None:
        if self._is_due("_beats", heartbeat.EVERY_SECONDS):
            at = self.now()
            if arming.state() is State.WENT_BACK:
                # Before a new sign of life hides it, and for all other senders too.
                overdue.disarm(None, at, "went_back")
                log.error("database_went_back")
            heartbeat.beat("dispatcher", self.worker.name, at)
            arming.bear_witness(at)

    def _is_due(self, name: str, every: float) -> bool:
        now = time.monotonic()
        last: float = getattr(self, name)
        if last and now - last < every:
            return False
        setattr(self, name, now)
        return True

    def _say_goodbye(self) -> None:
        self.worker.close()
        connection.close()
