"""The house's own tasks: that work gets done, and that the promises hold."""

import structlog
from celery import shared_task

from accounts.journal import clock, invariants

from . import heartbeats

log = structlog.get_logger(__name__)


@shared_task(name="onboarding.tick")
def tick() -> None:
    """Proof that messages reach a worker and get done."""
    heartbeats.beat("worker")


@shared_task(name="onboarding.audit")
def audit() -> None:
    """What `manage.py audit` prints, for whoever watches the logs."""
    for finding in invariants.audit(clock.now()):
        if not finding.holds:
            code, cases = finding.invariant.code, finding.broken.count
            log.error("invariant_broken", invariant=code, cases=cases)
