"""Sends what is due: claim, look, hand over, settle; never a transaction around the
network.

One call works off one batch of one worker, in chunks. A chunk costs two statements
(the look, and the settling), a batch a handful.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, connection

from campaigns.sequences import arming, schedule
from campaigns.sequences.audiences import conditions
from campaigns.sequences.audiences.conditions import Rule
from campaigns.sequences.brakes import grip
from campaigns.sequences.brakes.grip import BRAKED, Fate, Grip
from campaigns.sequences.planning import lifecycle
from campaigns.sequences.sending import claim, gate, letters, readdress, reap, settle
from campaigns.sequences.sending.claim import LEASE, Claimed
from campaigns.sequences.sending.gate import ChunkGate
from campaigns.sequences.sending.letters import Prepared
from campaigns.sequences.sending.look import HELD, MOVED, Looker, Seen
from campaigns.sequences.sending.plans import Plans
from campaigns.sequences.sending.settle import Settlement
from campaigns.sequences.sending.stoplist import StopList
from campaigns.sequences.sending.transports import (
    Busy,
    CredentialsRefused,
    Letter,
    Result,
    Unreachable,
    Verdict,
)
from campaigns.sequences.sending.workers import Worker

log = structlog.get_logger(__name__)

#: A thawed process must notice before anybody else takes its messages over.
_MARGIN = timedelta(seconds=10)


DISARMED = "disarmed"
BUSY = "busy"


def never() -> bool:
    return False


@dataclass(slots=True)
class Outcome:
    """What one call did, by state: "sent", "failed", "skipped", "unknown", "planned"
    (put back). ``trouble`` says why it sent less than it could."""

    claimed: int = 0
    states: Counter[str] = field(default_factory=Counter)
    trouble: str = ""

    @property
    def sent(self) -> int:
        return self.states["sent"]


def deliver(
    at: datetime,
    *,
    worker: Worker,
    limit: int | None = None,
    stopping: Callable[[], bool] = never,
) -> Outcome:
    """Send up to *limit* due messages, by default what *worker* manages in seconds.

    Sends nothing from a database that is not armed, and claims nothing while the
    provider is stopped or cannot be reached, or its limit is used up.
    """
    _look_after(worker, at)
    if not arming.is_armed():
        return Outcome(trouble=DISARMED)
    held = grip.take(worker.transport.name, worker=worker.name)
    if held.is_closed(at):
        return Outcome(trouble=BRAKED)
    outcome = Outcome()
    try:
        worker.transport.open()
    except Busy:
        return Outcome(trouble=BUSY)
    except (Unreachable, CredentialsRefused) as error:
        _note_trouble(outcome, held, error, at)
        return outcome
    try:
        most = held.most(min(limit or worker.pace.batch, worker.pace.batch), at)
        batch = claim.claim(at, worker=worker.name, limit=most) if most else []
        outcome.claimed = len(batch)
        return _Run(at, worker, held, stopping, outcome).send(batch)
    except Exception:
        worker.begin_anew()
        raise
    finally:
        worker.transport.rest()


def _look_after(worker: Worker, at: datetime) -> None:
    """Put what it left under a former name where it belongs, once the database answers
    again: the dispatcher that reaps may live on another computer, without its notes."""
    if not worker.left_something:
        return
    worker.left_something = False
    try:
        reap.reap(at)
    except (OperationalError, InterfaceError):
        worker.left_something = True
        raise


def _note_trouble(
    outcome: Outcome,
    held: Grip,
    error: Unreachable | CredentialsRefused,
    at: datetime,
) -> None:
    if isinstance(error, CredentialsRefused):
        held.stop("credentials_refused", at, str(error))
        outcome.trouble = f"credentials refused: {error}"
    else:
        held.trouble(str(error), at)
        outcome.trouble = f"unreachable: {error}"


@dataclass(slots=True)
class _Run:
    """One batch on its way."""

    began_at: datetime
    worker: Worker
    grip: Grip
    stopping: Callable[[], bool]
    outcome: Outcome
    plans: Plans = field(default_factory=Plans)
    began: float = field(default_factory=gate.stopwatch)

    def send(self, batch: Sequence[Claimed]) -> Outcome:
        left = list(self._readable(self._open(batch)))
        try:
            if left:
                prepared = letters.prepare(left)
                looker = self._make_looker(left)
            while left and self._may_go_on():
                size = self.worker.pace.chunk
                chunk, left = left[:size], left[size:]
                if admitted := self._admit(chunk):
                    self._send_chunk(prepared, looker, admitted)
        finally:
            self._give_back([one.id for one in left])
            self.grip.let_go(self._now())
        return self.outcome

    def _admit(self, chunk: Sequence[Claimed]) -> list[Claimed]:
        """Those that the limits let through; the others are back in the queue."""
        admitted = self.grip.admit(chunk, self._now())
        self.outcome.states.update(["planned"] * (len(chunk) - len(admitted)))
        return admitted

    def _now(self) -> datetime:
        """The door's time, and what has passed since."""
        return self.began_at + timedelta(seconds=gate.stopwatch() - self.began)

    def _may_go_on(self) -> bool:
        in_time = self._now() - self.began_at < LEASE / 2
        if self.grip.is_spent:
            self.outcome.trouble = self.outcome.trouble or BRAKED
        return in_time and not self.outcome.trouble and not self.stopping()

    def _open(self, batch: Sequence[Claimed]) -> list[Claimed]:
        """Without those for whom it is night or a holiday: they wait for their hour."""
        at = self.began_at
        hours = {one.id: (one.rule, one.place) for one in batch if one.rule}
        # Of a batch most have the same hour at the same place: asked once.
        shut = {
            (rule, place): schedule.next_opening(rule, place, after=at)
            for rule, place in set(hours.values())
            if not schedule.is_open(rule, place, at=at)
        }
        closed = {pk: shut[hour] for pk, hour in hours.items() if hour in shut}
        self._give_back(list(closed), list(closed.values()))
        return [one for one in batch if one.id not in closed]

    def _readable(self, batch: Sequence[Claimed]) -> list[Claimed]:
        """Without those whose step asks what cannot be read any more."""
        unreadable = set()
        for step, rule in _rules(batch).items():
            try:
                conditions.q(rule, self.began_at)
            except conditions.BadRule:
                unreadable.add(step)
        bad = [one for one in batch if one.step_id in unreadable]
        for campaign in {one.campaign_id for one in bad if one.campaign_id}:
            lifecycle.pause_by_itself(campaign, "bad_condition", at=self.began_at)
        self._give_back([one.id for one in bad])
        return [one for one in batch if one.step_id not in unreadable]

    def _make_looker(self, batch: Sequence[Claimed]) -> Looker:
        name = self.worker.transport.name
        return Looker(
            _rules(batch), self.plans, worker=self.worker.name, transport=name
        )

    def _send_chunk(
        self, prepared: Prepared, looker: Looker, chunk: Sequence[Claimed]
    ) -> None:
        """Write, look, hand over, settle."""
        worker, began = self.worker, gate.stopwatch()
        written, unwritten = letters.write(
            prepared, chunk, worker.transport, self.began_at
        )
        seen = looker.look([one.id for one in chunk], unwritten, self._now())
        going = self._sort_out(seen)
        if not going:
            return
        letters_going = [written[one.id] for one in chunk if one.id in going]
        chunk_gate = self._make_gate(looker, going, began)
        try:
            self._hand_over(letters_going, chunk_gate)
        finally:
            attempts = {one.id: one.attempts for one in chunk}
            settlements = list(self._fates(chunk_gate, attempts))
            self._settle(settlements, prepared)
        worker.pace.learn(len(chunk_gate.results), gate.stopwatch() - began)

    def _sort_out(self, seen: Mapping[int, Seen]) -> dict[int, int]:
        """Delivery id → number of the try, of those that may go; counts the others."""
        moved = [pk for pk, one in seen.items() if one.reason == MOVED]
        readdress.readdress(moved, worker=self.worker.name, at=self._now())
        for one in seen.values():
            if one.reason in {HELD, MOVED}:
                self.outcome.states["planned"] += 1
            elif one.reason:
                failed = one.reason == "not_composed"
                self.outcome.states["failed" if failed else "skipped"] += 1
        return {pk: one.epoch for pk, one in seen.items() if not one.reason}

    def _make_gate(
        self, looker: Looker, going: Mapping[int, int], began: float
    ) -> ChunkGate:
        ids = list(going)
        lease = (LEASE - _MARGIN).total_seconds()
        return ChunkGate(
            spool=self.worker.spool,
            stops=StopList(ids, lambda left: looker.look_again(left, self._now())),
            epochs=going,
            lease_ends=began + lease,
            closes=gate.stopwatch() + gate.CHUNK_SECONDS,
            stopping=self.stopping,
        )

    def _hand_over(self, going: Sequence[Letter], chunk_gate: ChunkGate) -> None:
        try:
            self.worker.transport.send(going, chunk_gate)
        except (Unreachable, CredentialsRefused) as error:
            _note_trouble(self.outcome, self.grip, error, self._now())

    def _fates(
        self, chunk_gate: ChunkGate, attempts: Mapping[int, int]
    ) -> Iterator[Settlement]:
        """What became of each message that was committed as being sent."""
        for pk, epoch in chunk_gate.epochs.items():
            result, read = chunk_gate.results.get(pk, (_UNTOLD, gate.stopwatch()))
            reason = chunk_gate.held_back.get(pk, "")
            if result is _UNTOLD and pk not in chunk_gate.begun:
                result = Result(Verdict.WITHHELD)
            at = self.began_at + timedelta(seconds=read - self.began)
            withheld = result.verdict is Verdict.WITHHELD and reason != HELD
            yield Settlement(
                pk,
                epoch,
                result,
                at,
                attempts=attempts.get(pk, 0),
                reason=reason if withheld else "",
            )

    def _settle(self, settlements: Sequence[Settlement], prepared: Prepared) -> None:
        tell = prepared.carried.tell if prepared.carried else None
        try:
            settle.settle(settlements, tell=tell, plans=self.plans)
        except (OperationalError, InterfaceError):
            # The connection, or its answer, was lost: to say it twice does no harm.
            connection.close()
            settle.settle(settlements, tell=tell, plans=self.plans)
        self.worker.spool.settled()
        self.outcome.states.update(str(one.state) for one in settlements)
        self.grip.note([_tell(one) for one in settlements])

    def _give_back(
        self, ids: Sequence[int], dues: Sequence[datetime] | None = None
    ) -> None:
        claim.give_back(ids, worker=self.worker.name, dues=dues)
        self.outcome.states.update("planned" for _one in ids)


def _tell(one: Settlement) -> Fate:
    answer = one.result
    return Fate(
        one.delivery_id,
        str(one.state),
        answer.verdict is not Verdict.WITHHELD,
        answer.code,
        answer.retry_after,
        one.at,
    )


#: For what has begun and of which nothing more was heard.
_UNTOLD = Result(Verdict.AMBIGUOUS)
_NO_CONDITIONS = frozenset({"", "{}", "null"})


def _rules(batch: Sequence[Claimed]) -> dict[int, Rule]:
    """Step id → its conditions, of the steps that have any."""
    asked = {one.step_id: one.only_if for one in batch if one.step_id is not None}
    return {
        step: json.loads(only_if)
        for step, only_if in asked.items()
        if only_if not in _NO_CONDITIONS
    }
