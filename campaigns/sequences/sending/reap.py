"""Finds what senders left behind when they died, and puts it where it belongs.

A claim that ran out goes back into the queue: it never reached the wire. For what was
being sent, the sender's own notes decide; where they say that it began and not how it
ended, nobody can know, and nobody sends it again.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection

from campaigns.sequences.models import Batch
from campaigns.sequences.sending import settle, spool, transports
from campaigns.sequences.sending.claim import IS_OVER, LEASE
from campaigns.sequences.sending.settle import Settlement
from campaigns.sequences.sending.spool import BEGIN, Notes
from campaigns.sequences.sending.transports import Result, Verdict

log = structlog.get_logger(__name__)

#: Whoever has no notes of the sender waits for another lease: another computer may.
GRACE = LEASE
_LIMIT = 2_000

_LOST = """
    SELECT unnest(deliveries) FROM sequences_batch
    WHERE lease_until < %(at)s OR worker = ANY(%(dead)s)
"""
_RETURN = f"""
    UPDATE sequences_delivery AS delivery
    SET state = 'planned', claimed_by = '', lease_until = NULL
    FROM (SELECT id FROM sequences_delivery
          WHERE id = ANY(ARRAY({_LOST})) AND state = 'claimed'
            AND (lease_until < %(at)s OR claimed_by = ANY(%(dead)s))
          ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED) AS stale
    WHERE delivery.id = stale.id
"""  # noqa: S608 - constants of ours
_STALE = f"""
    SELECT id, uuid, epoch, attempts, claimed_by, transport, lease_until
    FROM sequences_delivery
    WHERE id = ANY(ARRAY({_LOST})) AND state = 'sending'
      AND (lease_until < %(at)s OR claimed_by = ANY(%(dead)s))
    ORDER BY lease_until, id LIMIT %(limit)s
"""  # noqa: S608 - constants of ours
# Of a worker that lives and has claimed since, the lease is young again.
_CLEAR = f"""
    DELETE FROM sequences_batch AS batch
    WHERE (lease_until < %(at)s OR worker = ANY(%(dead)s)) AND {IS_OVER}
"""  # noqa: S608 - constants of ours


@dataclass(frozen=True, slots=True)
class Stale:
    """A delivery whose sender is gone, or has been silent for a lease."""

    id: int
    uuid: UUID
    epoch: int
    attempts: int
    worker: str
    transport: str
    lease_until: datetime


def reap(at: datetime, limit: int = _LIMIT) -> int:
    """Take care of what lost senders left; how many deliveries.

    Lost is who died on this computer, as the lock on his notes tells at once, and
    anybody whose lease ran out.
    """
    folder = Path(settings.SPOOL_DIR)
    dead = spool.abandoned(folder)
    asked: dict[str, Any] = {"at": at, "dead": dead, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_RETURN, asked)
        returned: int = cursor.rowcount
        cursor.execute(_STALE, asked)
        stale = [Stale(*row) for row in cursor.fetchall()]
    settlements = _judge(stale, folder, set(dead), at)
    settle.settle(settlements)
    if returned or settlements:
        log.warning("senders_lost", returned=returned, settled=len(settlements))
    with connection.cursor() as cursor:
        cursor.execute(_CLEAR, asked)
    _forget(dead, folder)
    return returned + len(settlements)


def _forget(dead: Collection[str], folder: Path) -> None:
    """Remove the notes of the dead who have nothing open any more."""
    if not dead:
        return
    held = Batch.objects.filter(worker__in=dead).values_list("worker", flat=True)
    for name in set(dead) - set(held):
        spool.forget(folder, name)


def _judge(
    stale: Sequence[Stale], folder: Path, dead: Collection[str], at: datetime
) -> list[Settlement]:
    notes = {name: spool.read(folder, name) for name in {one.worker for one in stale}}
    said = {one.id: _read(one, notes[one.worker], at) for one in stale}
    open_to_proof = [
        one
        for one in stale
        if (told := said[one.id]) and told.result.verdict is Verdict.AMBIGUOUS
    ]
    for one, accepted in _look_up(open_to_proof):
        said[one.id] = _prove(one, accepted, said[one.id], dead, at)
    return [told for told in said.values() if told is not None]


def _read(one: Stale, notes: Notes | None, at: datetime) -> Settlement | None:
    """What the sender's notes say; None: not for us to say, or not yet."""
    if notes is None:
        waited = at > one.lease_until + GRACE
        return _unknown(one, "record_lost", at) if waited else None
    note = notes.tries.get((one.id, one.epoch))
    if note is None:
        whole = notes.is_whole
        return _withheld(one, at) if whole else _unknown(one, "record_lost", at)
    if note.word == BEGIN:
        return _unknown(one, "sender_lost", at)
    result = Result(Verdict(note.word), note.code, provider_id=note.provider_id)
    return Settlement(one.id, one.epoch, result, at, attempts=one.attempts)


def _look_up(stale: Sequence[Stale]) -> Iterator[tuple[Stale, bool]]:
    """Does the provider have it? Only of those whose provider can tell."""
    transport = transports.make() if stale else None
    asked = [one for one in stale if transport and one.transport == transport.name]
    if transport is None or not asked:
        return
    found = transport.find_accepted([one.uuid for one in asked])
    if found is not None:
        yield from ((one, one.uuid in found) for one in asked)


def _prove(
    one: Stale,
    accepted: bool,
    told: Settlement | None,
    dead: Collection[str],
    at: datetime,
) -> Settlement | None:
    if accepted:
        result = Result(Verdict.ACCEPTED)
        return Settlement(one.id, one.epoch, result, at, attempts=one.attempts)
    if at <= one.lease_until:
        # What its sender asked for last may still be under way.
        return None
    return _withheld(one, at) if one.worker in dead else told


def _unknown(one: Stale, reason: str, at: datetime) -> Settlement:
    result = Result(Verdict.AMBIGUOUS)
    return Settlement(
        one.id, one.epoch, result, at, attempts=one.attempts, reason=reason
    )


def _withheld(one: Stale, at: datetime) -> Settlement:
    return Settlement(one.id, one.epoch, Result(Verdict.WITHHELD), at)
