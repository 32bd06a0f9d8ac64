import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from onboarding import summary
from onboarding.supervisor import lock, services


class Command(BaseCommand):
    help = "Remove the data of the bundled servers: the next start begins empty."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        data: Path = settings.DATA_DIR
        if lock.is_taken(data):
            raise CommandError("It is running: stop it first.")
        for path in list_leftovers(data):
            shutil.rmtree(path)
            self.stdout.write(f"removed {path}")
        (data / summary.FILE).unlink(missing_ok=True)


def list_leftovers(data: Path) -> list[Path]:
    """Folders of the bundled servers, and what belongs to their rows."""
    ours = {
        services.postgres_home(data),
        *(data / name for name in ("postgres", "valkey", "spool", "media")),
    }
    return sorted(path for path in ours if path.is_dir())
