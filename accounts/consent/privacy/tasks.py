"""Doors for the worker: what erasing left to do. Rows say what; a ring may get lost."""

from functools import partial

import structlog
from celery import shared_task
from django.db import transaction

from accounts.customers import clock

from . import care

log = structlog.get_logger(__name__)


@shared_task(name="consent.privacy")
def go_on() -> None:
    """The next files of every erasure, and what was on the wire."""
    for act_id in care.unfinished():
        care.go_on(act_id, clock.now())


@shared_task(name="consent.sweep")
def sweep() -> None:
    care.sweep(clock.now())


def ring_on_commit(act_id: int) -> None:
    transaction.on_commit(partial(_ring, act_id), robust=True)


def _ring(act_id: int) -> None:
    try:
        go_on.apply_async(queue="imports", retry=False)
    except Exception as error:  # noqa: BLE001 - beat rings every minute
        log.warning("privacy_ring_lost", act=act_id, error=type(error).__name__)
