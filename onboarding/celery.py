"""The Celery app: a doorbell that carries "there is work" and ids, nothing else."""

import os
import warnings
from logging.config import dictConfig
from typing import Any

from celery import Celery, signals
from django.conf import settings
from django.db import close_old_connections

from . import safety
from .timetable import TIMETABLE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onboarding.settings")

# The danger meant is pickle, which `accept_content` refuses; a container may be root.
warnings.filterwarnings("ignore", "You're running the worker with superuser")

app = Celery("onboarding")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = TIMETABLE
app.autodiscover_tasks()


@signals.celeryd_init.connect
@signals.beat_init.connect
def refuse_unsafe(**kwargs: object) -> None:
    safety.refuse_unsafe()


@signals.task_prerun.connect
def let_go_of_broken_connections(sender: Any, **kwargs: object) -> None:
    """One that broke, or is too old: with CELERY_DB_REUSE_MAX Celery would keep it,
    and after a restart of the database fail in every task for an hour."""
    if not sender.request.is_eager:
        close_old_connections()


@signals.setup_logging.connect
def keep_our_logs(**kwargs: object) -> None:
    """Celery's own handlers would write what an error says as it is."""
    dictConfig(settings.LOGGING)
