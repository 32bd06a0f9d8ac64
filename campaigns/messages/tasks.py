"""Doors for Celery. DNS is asked here: the dispatcher waits for no network."""

from celery import shared_task

from accounts.journal import clock

from .domains import watch


@shared_task(name="messages.watch_domains")
def watch_domains() -> None:
    watch.watch(clock.now())
