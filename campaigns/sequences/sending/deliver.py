"""Sends what is due: claim, look, hand over, settle; never a transaction around the
network.

One call works off one batch of one worker, in chunks. A chunk costs two statements
(the look, and the settling), a batch a handful. While PostgreSQL settles one chunk and
looks at the next, the one after that is composed.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import Error, InterfaceError, OperationalError, connection

from campaigns.sequences import arming, schedule
from campaigns.sequences.audiences import conditions
from campaigns.sequences.audiences.conditions import Rule
from campaigns.sequences.brakes import grip
from campaigns.sequences.brakes.grip import BRAKED, Fate, Grip
from campaigns.sequences.planning import lifecycle
from campaigns.sequences.sending import claim, gate, letters, readdress, reap, settle
from campaigns.sequences.sending.claim import LEASE, Claimed
from campaigns.sequences.sending.gate import ChunkGate
from campaigns.sequences.sending.letters import Prepared, Unwritten
from campaigns.sequences.sending.look import HELD, MOVED, Looker, Seen
from campaigns.sequences.sending.plans import Statement
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
        batch = _claim(at, worker, most)
        outcome.claimed = len(batch)
        return _Run(at, worker, held, stopping, outcome).send(batch)
    except Exception:
        worker.begin_anew()
        raise
    finally:
        worker.transport.rest()


def _claim(at: datetime, worker: Worker, most: int) -> list[Claimed]:
    if not most:
        return []
    batch = claim.claim(at, worker=worker.name, limit=most, plans=worker.plans)
    worker.plans.renew(len(batch))
    return batch


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
    began: float = field(default_factory=gate.stopwatch)
    #: What nobody has looked at yet; the first of it may be composed already.
    left: list[Claimed] = field(default_factory=list)
    ahead: dict[int, Letter | Unwritten] = field(default_factory=dict)
    #: What became of the chunk before, and is not written down yet.
    unsettled: list[Settlement] = field(default_factory=list)

    def send(self, batch: Sequence[Claimed]) -> Outcome:
        self.left = list(self._readable(self._open(batch)))
        try:
            if self.left:
                self._work_off(letters.prepare(self.left))
        finally:
            self._give_back([one.id for one in self.left])
            self.grip.let_go(self._now())
        return self.outcome

    def _work_off(self, prepared: Prepared) -> None:
        looker = self._make_looker(self.left)
        try:
            while chunk := self._next_chunk(prepared):
                self._send_chunk(prepared, looker, chunk)
        finally:
            self._settle(prepared)

    def _next_chunk(self, prepared: Prepared) -> list[Claimed]:
        """Composed, and let through by the limits; empty when nothing may go out now
        or nothing is left."""
        while self.left and self._may_go_on():
            self._compose(prepared)
            size = self.worker.pace.chunk
            chunk, self.left = self.left[:size], self.left[size:]
            if admitted := self._admit(chunk):
                return admitted
        return []

    def _compose(self, prepared: Prepared) -> None:
        """As many as go out next, without those that are composed already."""
        following = self.left[: self.worker.pace.chunk]
        wanted = [one for one in following if one.id not in self.ahead]
        self.ahead |= letters.write(
            prepared, wanted, self.worker.transport, self.began_at
        )

    def _admit(self, chunk: Sequence[Claimed]) -> list[Claimed]:
        """Those that the limits let through; the others are back in the queue."""
        admitted = self.grip.admit(chunk, self._now())
        for pk in {one.id for one in chunk} - {one.id for one in admitted}:
            del self.ahead[pk]
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
            _rules(batch), self.worker.plans, worker=self.worker.name, transport=name
        )

    def _send_chunk(
        self, prepared: Prepared, looker: Looker, chunk: Sequence[Claimed]
    ) -> None:
        """Look, and hand over; what becomes of it is settled beside the next look."""
        began = gate.stopwatch()
        composed = {one.id: self.ahead.pop(one.id) for one in chunk}
        going = self._sort_out(self._look(prepared, looker, chunk, composed))
        if not going:
            return
        chunk_gate = self._make_gate(looker, going, began)
        letters_going = [
            letter
            for pk, letter in composed.items()
            if pk in going and isinstance(letter, Letter)
        ]
        try:
            self._hand_over(letters_going, chunk_gate)
        finally:
            attempts = {one.id: one.attempts for one in chunk}
            self.unsettled = list(self._fates(chunk_gate, attempts))
            self.grip.note([_tell(one) for one in self.unsettled])
        self.worker.pace.learn(len(chunk_gate.results), gate.stopwatch() - began)

    def _look(
        self,
        prepared: Prepared,
        looker: Looker,
        chunk: Sequence[Claimed],
        composed: Mapping[int, Letter | Unwritten],
    ) -> Mapping[int, Seen]:
        """Settle the chunk before, look at this one and compose the next.

        Where a link in the messages wants to hear of it, settling is a transaction of
        its own. Where this breaks, `_settle` says once more what has to be settled.
        """
        if prepared.carried:
            self._settle(prepared)
        unwritten = {
            pk: one.why for pk, one in composed.items() if isinstance(one, Unwritten)
        }
        try:
            seen = looker.look(
                list(composed),
                unwritten,
                self._now(),
                first=self._bind_settling(),
                work=partial(self._compose, prepared),
            )
        except Error:
            # Of these, what has not been committed as sending goes back. The connection
            # may be lost, or hold questions that nobody will answer any more.
            self.left = [*chunk, *self.left]
            connection.close()
            raise
        self._is_settled()
        return seen

    def _bind_settling(self) -> list[Statement]:
        if not self.unsettled:
            return []
        return [settle.bind(self.unsettled, self.worker.plans)]

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
            stops=StopList(
                ids,
                lambda left: looker.look_again(left, self._now()),
                age=gate.stopwatch() - began,
            ),
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

    def _settle(self, prepared: Prepared) -> None:
        tell = prepared.carried.tell if prepared.carried else None
        try:
            settle.settle(self.unsettled, tell=tell, plans=self.worker.plans)
        except (OperationalError, InterfaceError):
            # The connection, or its answer, was lost: to say it twice does no harm.
            connection.close()
            settle.settle(self.unsettled, tell=tell, plans=self.worker.plans)
        self._is_settled()

    def _is_settled(self) -> None:
        self.worker.spool.settled()
        self.outcome.states.update(str(one.state) for one in self.unsettled)
        self.unsettled = []

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
