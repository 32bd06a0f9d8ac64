import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from onboarding.supervisor import plan
from onboarding.supervisor.draft import (
    Unsafe,
    draft,
    draft_environment,
    refuse_unsafe,
)


class Command(BaseCommand):
    help = (
        "Start everything: the bundled servers where none are given, migrations, "
        "web, worker, dispatcher and beat; stop it all on Ctrl-C."
    )
    # The checks need a database, which is yet to be started; `migrate` runs them.
    requires_system_checks = ()
    preparations: tuple[tuple[str, ...], ...] = (("migrate", "--verbosity=0"),)

    def handle(self, *args: Any, **options: Any) -> None:
        env = draft_environment(os.environ)
        try:
            refuse_unsafe(env)
        except Unsafe as refusal:
            raise CommandError(str(refusal)) from refusal
        become_supervisor(plan.dump(draft(preparations=self.preparations)), env)


def become_supervisor(text: str, env: dict[str, str]) -> None:
    """Never returns: this process goes on as the supervisor, under its own number."""
    sys.stdout.flush()
    command = [sys.executable, "-m", "onboarding.supervisor", text]
    os.execve(sys.executable, command, env)  # noqa: S606 - without a shell is meant
