"""Rings for work once it is committed; whoever does not hear it polls anyway."""

import time
from functools import partial

import structlog
from celery import current_app
from django.db import connection, transaction

log = structlog.get_logger(__name__)

REACT = "journal.react"
MATCH = "journal.match"

#: After a ring that failed nobody tries again for so long: a request that waits for
#: a silent broker does so once, and not for each event.
PATIENCE_SECONDS = 30.0
_silent_until = 0.0


def ring_on_commit(task: str) -> None:
    """Ring once per transaction, after its commit. Never raises, may get lost."""
    if not _rings_already(task):
        transaction.on_commit(partial(ring, task), robust=True)


def ring(task: str) -> None:
    global _silent_until  # noqa: PLW0603 - what this process learnt about the broker
    if time.monotonic() < _silent_until:
        return
    try:
        current_app.send_task(task, queue="dispatch", retry=False, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - the rows are the queue, not the broker
        _silent_until = time.monotonic() + PATIENCE_SECONDS
        log.warning("doorbell_not_heard", task=task, error=type(error).__name__)


def _rings_already(task: str) -> bool:
    # One registered inside a savepoint that is still open may yet be rolled back
    # with it, unless we stand inside the same.
    here = set(connection.savepoint_ids)
    return any(
        isinstance(waiting, partial)
        and (waiting.func, waiting.args) == (ring, (task,))
        and set(savepoints) <= here
        for savepoints, waiting, *_ in connection.run_on_commit
    )
