from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from onboarding import summary
from onboarding.bundled.folders import UnsafeFolder
from onboarding.bundled.postgres import PostgresFailed
from onboarding.bundled.valkey import ValkeyFailed
from onboarding.supervisor.lock import AlreadyUp
from onboarding.supervisor.plan import make_plan
from onboarding.supervisor.run import CannotStart, Supervisor

REFUSALS = (AlreadyUp, CannotStart, PostgresFailed, UnsafeFolder, ValkeyFailed)


class Command(BaseCommand):
    help = (
        "Start everything: the bundled servers where none are given, migrations, "
        "web, worker, dispatcher and beat; stop it all on Ctrl-C."
    )
    # The checks need a database, which is yet to be started; `migrate` runs them.
    requires_system_checks = ()
    preparations: tuple[tuple[str, ...], ...] = (("migrate", "--verbosity=0"),)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            plan = make_plan(preparations=self.preparations, greet=self.greet)
            status = Supervisor(plan).run()
        except REFUSALS as refusal:
            raise CommandError(str(refusal)) from refusal
        if status:
            raise CommandError("A part ended by itself.", returncode=status)

    def greet(self) -> str:
        return summary.describe(settings.SITE_URL, None)
