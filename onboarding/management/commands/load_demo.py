from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.journal import clock
from onboarding import summary


class Command(BaseCommand):
    help = "Load the demo data into an empty database; harmless when repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo data is loaded by `make demo` only (DEMO=1).")
        # Named as text: an installation without the demo does without its package.
        demo = import_module("onboarding.demo")
        summary.keep(settings.DATA_DIR, demo.load(clock.now()))
