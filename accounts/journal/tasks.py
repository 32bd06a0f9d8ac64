"""Doors for the worker; each may ring twice, late or never, and do no harm."""

from celery import shared_task

from . import clock, doorbell, matching, partitions
from .react import react


@shared_task(name=doorbell.REACT)
def react_to_events() -> None:
    while react(clock.now()):
        pass


@shared_task(name=doorbell.MATCH)
def match_again() -> None:
    matching.match_again(clock.now())


@shared_task(name="journal.partitions")
def make_partitions() -> None:
    partitions.ensure(clock.now())
