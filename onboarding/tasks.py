"""The house's own task: proof that messages reach a worker and get done."""

from celery import shared_task

from . import heartbeats


@shared_task(name="onboarding.tick")
def tick() -> None:
    heartbeats.beat("worker")
