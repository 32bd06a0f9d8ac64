from typing import Any

from django.core.management.base import BaseCommand

from accounts.journal import rebuild


class Command(BaseCommand):
    help = "Computes the progress tables anew from the journal, while everything runs."

    def handle(self, *args: Any, **options: Any) -> None:
        for table, rebuilt in rebuild.rebuild().items():
            self.stdout.write(
                f"{table}: {rebuilt.rows} rows, "
                f"{rebuilt.written} written, {rebuilt.removed} removed"
            )
