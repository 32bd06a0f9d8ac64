"""Doors for Celery's workers: each looks what there is to do, and does some of it.

A message carries nothing; one that is lost or doubled changes nothing.
"""

import time
from pathlib import Path

import structlog
from celery import shared_task
from celery.signals import (
    worker_process_init,
    worker_process_shutdown,
    worker_shutting_down,
)
from django.conf import settings

from accounts.journal import clock, doorbell
from campaigns.sequences import nudge, touchpoints, witness
from campaigns.sequences.planning import lifecycle
from campaigns.sequences.sending import advance, anchors, deliver, stopping, workers

log = structlog.get_logger(__name__)

#: After so long others get their turn, and the bell rings again for the rest.
_MOST_SECONDS = 30.0


@shared_task(name=nudge.SEND)
def send() -> None:
    """Take what is due further and send it, until nothing is due, time is up, or the
    worker is to stop: then the bell rings for whoever comes next."""
    ends = time.monotonic() + _MOST_SECONDS
    worker = workers.current()
    anchors.follow(clock.now())
    while time.monotonic() < ends and not stopping.is_asked():
        done = advance.advance(clock.now())
        outcome = deliver.deliver(
            clock.now(), worker=worker, stopping=stopping.is_asked
        )
        if outcome.trouble or not (done or outcome.claimed):
            return
    doorbell.ring(nudge.SEND)


@shared_task(name=nudge.ENROL)
def enrol() -> None:
    """Take in the audiences that were too large for one click."""
    while lifecycle.continue_starting():
        continue


@shared_task(name=nudge.TICK)
def tick() -> None:
    """What touchpoints do by the clock, for the day on which no dispatcher runs."""
    for each in touchpoints.ticks():
        each.deed(clock.now())


@worker_process_init.connect
def begin(**kwargs: object) -> None:
    """A worker's process sends, so it looks whether the database went back."""
    witness.watch(Path(settings.SPOOL_DIR))
    workers.keep_what_is_loaded()


@worker_shutting_down.connect
def stop(**kwargs: object) -> None:
    """The parent was asked to: its children end with the chunk in hand."""
    stopping.ask()


@worker_process_shutdown.connect
def say_goodbye(**kwargs: object) -> None:
    """Let go of the connection; notes that are not settled stay for the reaper."""
    workers.close_current()
