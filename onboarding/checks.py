"""System checks of the house; each id is explained in docs/operators.md."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution

from . import webhooks
from .safety import find_demo_secrets

# What a lost worker, a full broker and a slow query taught others; see celery.py.
CELERY_MUST = {
    "CELERY_TASK_IGNORE_RESULT": True,
    "CELERY_TASK_SERIALIZER": "json",
    "CELERY_ACCEPT_CONTENT": ["json"],
    "CELERY_TASK_ACKS_LATE": True,
    "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
    "CELERY_TIMEZONE": "UTC",
    "CELERY_ENABLE_UTC": True,
}
CELERY_MUST_SET = (
    "CELERY_TASK_TIME_LIMIT",
    "CELERY_TASK_SOFT_TIME_LIMIT",
    "CELERY_WORKER_MAX_TASKS_PER_CHILD",
    "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT",
    "CELERY_DB_REUSE_MAX",
)
CELERY_MUST_NOT = ("CELERY_RESULT_BACKEND",)
TRANSPORT_MUST = {"visibility_timeout", "socket_timeout", "global_keyprefix"}


@register
def check_celery(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    wrong = [
        f"{name} must be {value!r}."
        for name, value in CELERY_MUST.items()
        if getattr(settings, name, None) != value
    ]
    wrong += [
        f"{name} must be set."
        for name in CELERY_MUST_SET
        if not getattr(settings, name, None)
    ]
    wrong += [
        f"{name} must not be set."
        for name in CELERY_MUST_NOT
        if getattr(settings, name, None)
    ]
    missing = TRANSPORT_MUST - set(settings.CELERY_BROKER_TRANSPORT_OPTIONS)
    wrong += [f"The broker's {name} must be set." for name in sorted(missing)]
    return [Error(text, id="onboarding.E001") for text in wrong]


@register(Tags.security, deploy=True)
def check_secrets(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    return [
        Error(f"{name} is the demo's, which everybody knows.", id="onboarding.E002")
        for name in find_demo_secrets()
    ]


@register(Tags.security, deploy=True)
def check_webhooks(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    return [
        Error(webhooks.describe_lack(provider), id="onboarding.E003")
        for provider in webhooks.find_unproven(settings)
    ]


@register(Tags.security, deploy=True)
def check_mail(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    if settings.MAIL_TRANSPORT != "outbox":  # type: ignore[misc]  # made by mail.py
        return []
    return [
        Caution(
            "MAIL_TRANSPORT is outbox: no mail leaves, and links for new passwords "
            "stay in the database, where every administrator reads them.",
            id="onboarding.W001",
        )
    ]
