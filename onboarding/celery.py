"""The Celery app: a doorbell that carries "there is work" and ids, nothing else."""

import os

from celery import Celery, signals

from . import safety
from .timetable import TIMETABLE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onboarding.settings")

app = Celery("onboarding")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = TIMETABLE
app.autodiscover_tasks()


@signals.celeryd_init.connect
@signals.beat_init.connect
def refuse_demo_secrets(**kwargs: object) -> None:
    safety.refuse_demo_secrets()
