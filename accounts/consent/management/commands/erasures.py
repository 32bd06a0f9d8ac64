from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.consent.privacy import replay
from accounts.customers import clock


class Command(BaseCommand):
    help = (
        "Lists whom we erased, by our own numbers and by keyed hashes: keep it "
        "elsewhere than the backups. With --again it erases those of a list whom "
        "a restored backup knows again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--again", type=Path, metavar="LIST")

    def handle(self, *args: Any, again: Path | None = None, **options: Any) -> None:
        if again is None:
            for line in replay.lines():
                self.stdout.write(line)
            return
        try:
            done = replay.again(again.read_text("utf-8").splitlines(), clock.now())
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{again} cannot be read: {error}") from None
        self.stdout.write(f"Erased again: {done.erased}.")
        if done.noted:
            self.stdout.write(
                f"Not here, but noted for when they are named again: {done.noted}."
            )
