"""The roof: everything that makes the project run. Nobody imports it."""

from .celery import app as celery_app

__all__ = ["celery_app"]
