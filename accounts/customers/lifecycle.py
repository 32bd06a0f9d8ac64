"""The states of an import and every step between them.

Each step is one conditional UPDATE that must change exactly one row: whoever comes
second, by a double click or with the same file ten times at once, changes nothing.
A worker owns the row it works on for the length of a lease; the step out of a busy
state demands that it still does, in the transaction that holds its work.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from . import jobs
from .beats import LEASE, Beat, LostLease, Stopped
from .models import CustomerImport
from .readers import BadFile

log = structlog.get_logger(__name__)

State = CustomerImport.State
#: After so many workers died over it, an import is given up.
MOST_ATTEMPTS = 3
#: An import waits so long for accounts which somebody else is changing.
PATIENCE = "10s"

_AFRESH: dict[str, Any] = {
    "owner": None,
    "lease_until": None,
    "attempts": 0,
    "cancel_requested": False,
    "error": "",
    "error_line": None,
    "rows_done": 0,
}
CHECKABLE = (
    State.UPLOADED,
    State.CHECKED,
    State.FAILED,
    State.CANCELLED,
    State.UNDONE,
)


class AlreadyOpen(Exception):
    """The same file lies open as another import."""


class Undeclared(Exception):
    """A list of people without the grounds on which they may be written to."""


@dataclass(frozen=True, slots=True)
class Claim:
    batch: CustomerImport
    owner: UUID


@dataclass(frozen=True, slots=True)
class Declared:
    """On what grounds the people in a file may be written to."""

    basis: str = ""
    consent_source: str = ""
    consent_date: date | None = None

    @property
    def complete(self) -> bool:
        if self.basis == CustomerImport.LegalBasis.CONSENT:
            return bool(self.consent_source and self.consent_date)
        return bool(self.basis)


# -- What a person asks for ----------------------------------------------------------


def ask_check(
    batch: CustomerImport,
    mapping: dict[str, int],
    options: dict[str, Any],
    declared: Declared,
) -> bool:
    """Have the file read with these columns; False where it is busy or done."""
    if jobs.kind(batch.kind).declares_basis and not declared.complete:
        raise Undeclared
    try:
        with transaction.atomic():
            return _step(
                batch.pk,
                CHECKABLE,
                State.CHECKING,
                mapping=mapping,
                options=options,
                legal_basis=declared.basis,
                consent_source=declared.consent_source,
                consent_date=declared.consent_date,
                checked_at=None,
                counts={},
                **_AFRESH,
            )
    except IntegrityError:
        raise AlreadyOpen from None


def ask_apply(batch: CustomerImport, by: Any = None) -> bool:
    """Have what was checked written; False where somebody already did."""
    return _step(batch.pk, (State.CHECKED,), State.APPLYING, applied_by=by, **_AFRESH)


def ask_undo(batch: CustomerImport) -> bool:
    if jobs.kind(batch.kind).undo is None:
        return False
    return _step(batch.pk, (State.APPLIED,), State.UNDOING, **_AFRESH)


def cancel(batch: CustomerImport) -> bool:
    """Stop it: at once where nobody works on it, else at the worker's next beat."""
    idle = (State.UPLOADED, State.CHECKED, State.FAILED)
    busy = CustomerImport.objects.filter(
        pk=batch.pk, state__in=(State.CHECKING, State.APPLYING)
    )
    nobody = Q(lease_until=None) | Q(lease_until__lt=Now())
    return (
        _step(batch.pk, idle, State.CANCELLED)
        or busy.filter(nobody).update(state=State.CANCELLED, owner=None) == 1
        or busy.update(cancel_requested=True) == 1
    )


# -- What a worker does --------------------------------------------------------------


def run(batch_id: int, now: Callable[[], datetime]) -> bool:
    """Do what the import waits for; False where there is nothing to do.

    *now* is asked once the import is ours. Never raises for what is the file's fault.
    """
    claim = _claim(batch_id)
    if claim is None:
        return False
    if claim.batch.attempts > MOST_ATTEMPTS:
        _give_up(claim, "job_died")
        return True
    try:
        with Beat(claim.batch.pk, claim.owner) as beat:
            _work(claim, jobs.Job(claim.batch, now(), beat))
    except Stopped:
        _settle(claim, State.CANCELLED)
    except LostLease:
        log.warning("import_lease_lost", batch=batch_id)
    except BadFile as bad:
        _give_up(claim, bad.code, bad.line)
    except OperationalError as error:
        _note(claim, error)
        _give_up(claim, "job_busy")
    except Exception as error:  # noqa: BLE001 - the page tells, the log names it
        _note(claim, error)
        _give_up(claim, "job_failed")
    return True


def waiting() -> list[int]:
    """Imports that should be worked on and are not: a lost ring, a dead worker."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM customers_customerimport"
            " WHERE state IN ('checking', 'applying', 'undoing')"
            " AND (lease_until IS NULL OR lease_until < clock_timestamp())"
            " ORDER BY id"
        )
        return [row[0] for row in cursor.fetchall()]


def _work(claim: Claim, job: jobs.Job) -> None:
    kind, state = jobs.kind(claim.batch.kind), State(claim.batch.state)
    job.beat(0)
    if state is State.CHECKING:
        counts = kind.check(job)
        _settle(claim, State.CHECKED, counts=dict(counts), checked_at=job.at)
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        if state is State.APPLYING:
            counts = {**claim.batch.counts, **kind.apply(job)}
            settled = _settle(claim, State.APPLIED, counts=counts, applied_at=job.at)
        else:
            undo = kind.undo
            counts = {**claim.batch.counts, **(undo(job) if undo else {})}
            settled = _settle(claim, State.UNDONE, counts=counts, undone_at=job.at)
        if not settled:
            # Cancelled or taken over in the last moment: nothing of it happened.
            raise Stopped


def _claim(batch_id: int) -> Claim | None:
    owner = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE customers_customerimport
            SET owner = %s, attempts = attempts + 1,
                lease_until = clock_timestamp() + interval '{LEASE}'
            WHERE id = %s AND state IN ('checking', 'applying', 'undoing')
              AND (lease_until IS NULL OR lease_until < clock_timestamp())
            """,  # noqa: S608 - a constant
            [owner, batch_id],
        )
        if cursor.rowcount != 1:
            return None
    return Claim(CustomerImport.objects.get(pk=batch_id), owner)


def _settle(claim: Claim, state: State, **changes: Any) -> bool:
    """Out of the busy state, if it is still ours and nobody asked to stop."""
    ours = CustomerImport.objects.filter(
        pk=claim.batch.pk, state=claim.batch.state, owner=claim.owner
    )
    if state in (State.CHECKED, State.APPLIED):
        ours = ours.filter(cancel_requested=False)
    done = {"state": state, "owner": None, "lease_until": None, **changes}
    return ours.update(**done) == 1


_BACK = {
    State.CHECKING: State.FAILED,
    State.APPLYING: State.CHECKED,
    State.UNDOING: State.APPLIED,
}


def _give_up(claim: Claim, code: str, line: int | None = None) -> None:
    """Back to where a person can decide, with the reason; nothing was written."""
    back = _BACK[State(claim.batch.state)]
    if not _settle(claim, back, error=code, error_line=line):
        _settle(claim, State.CANCELLED)


def _step(
    batch_id: int, before: tuple[State, ...], after: State, **changes: Any
) -> bool:
    found = CustomerImport.objects.filter(pk=batch_id, state__in=before)
    return found.update(state=after, **changes) == 1


def _note(claim: Claim, error: Exception) -> None:
    """By name only: messages of the database carry addresses and names."""
    trace, where = error.__traceback__, ""
    while trace is not None:
        where = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"
        trace = trace.tb_next
    log.error(
        "import_failed",
        batch=claim.batch.pk,
        error=type(error).__name__,
        sqlstate=getattr(error.__cause__, "sqlstate", None),
        where=where,
    )
