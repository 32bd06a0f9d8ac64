"""Doors for the worker: look up by id, call one function."""

from functools import partial

import structlog
from celery import shared_task
from django.db import transaction

from . import clock, eligibility, lifecycle, uploads, upserts

log = structlog.get_logger(__name__)


@shared_task
def run_import(batch_id: int) -> None:
    lifecycle.run(batch_id, clock.now)


@shared_task
def sweep_imports() -> None:
    """Ring for imports whose ring was lost or whose worker died, and clean up."""
    for batch_id in lifecycle.waiting():
        ring(batch_id)
    upserts.sweep()
    uploads.forget_old(clock.now())


@shared_task
def turn_eligibility() -> None:
    eligibility.turn(clock.now())


def ring_on_commit(batch_id: int) -> None:
    """Tell a worker, once the row is committed. Never raises, may get lost."""
    transaction.on_commit(partial(ring, batch_id), robust=True)


def ring(batch_id: int) -> None:
    try:
        run_import.apply_async((batch_id,), retry=False)
    except Exception as error:  # noqa: BLE001 - the rows are the queue, not the broker
        log.warning("import_ring_lost", batch=batch_id, error=type(error).__name__)
