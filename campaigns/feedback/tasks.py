"""Doors for Celery. The mailbox is read here: the dispatcher waits for no network."""

import structlog
from celery import shared_task
from django.conf import settings

from accounts.journal import clock

from . import effects, gateways, mailbox, process, retention

log = structlog.get_logger(__name__)


@shared_task(name="feedback.mailbox")
def read_mailbox() -> None:
    if not settings.BOUNCE_MAILBOX:
        return
    try:
        mailbox.fetch(settings.BOUNCE_MAILBOX, clock.now())
    except mailbox.MailboxTrouble as trouble:
        log.warning("mailbox_not_read", why=str(trouble))


@shared_task(name="feedback.process")
def process_posts() -> None:
    """What the dispatcher does anyhow, for the day on which it cannot."""
    while process.process(clock.now()):
        continue
    effects.settle_late(clock.now())


@shared_task(name="feedback.learn")
def learn() -> None:
    gateways.learn(clock.now())


@shared_task(name="feedback.forget")
def forget() -> None:
    retention.forget(clock.now())
    retention.forget_withdrawn()
