"""`manage.py dispatch`: react, take further, send; until it is told to stop."""

import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from campaigns.sequences import witness
from campaigns.sequences.sending import workers
from campaigns.sequences.sending.dispatcher import Dispatcher


class Command(BaseCommand):
    help = "Sends what is due and does what follows from events, until it is stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        witness.watch(Path(settings.SPOOL_DIR))
        workers.keep_what_is_loaded()
        dispatcher = Dispatcher()
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, lambda *_: dispatcher.stop())
        dispatcher.run()
