"""The bell: rings for what the timetable says, and shows that it lives."""

import time
from datetime import timedelta
from typing import Any

import structlog
from celery.beat import Scheduler
from django.db import DatabaseError, InterfaceError, connection

from . import heartbeats
from .timetable import TICK_SECONDS

# Longer than any interval of the timetable.
LONG_AGO = timedelta(days=2)

log = structlog.get_logger(__name__)


class Beat(Scheduler):
    """Keeps nothing on disk, and leaves a sign of life in the database."""

    seen = 0.0

    def setup_schedule(self) -> None:
        super().setup_schedule()
        # Ring for everything at the start: nobody knows how long it was silent.
        for entry in self.schedule.values():
            entry.last_run_at = self.app.now() - LONG_AGO

    def tick(self, *args: Any, **kwargs: Any) -> float:
        self.show_life()
        return min(float(super().tick(*args, **kwargs)), TICK_SECONDS / 2)

    def show_life(self) -> None:
        now = time.monotonic()
        if self.seen and now - self.seen < TICK_SECONDS / 2:
            return
        self.seen = now
        try:
            heartbeats.beat("beat")
        except (DatabaseError, InterfaceError):
            # Readiness will say so; ringing goes on, and so does trying.
            connection.close()
            log.warning("heartbeat_not_written", part="beat")
