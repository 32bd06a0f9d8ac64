"""Where Celery looks for the tasks of this app."""

from .privacy.tasks import go_on, sweep

__all__ = ["go_on", "sweep"]
