"""`manage.py arm`: let this database send from here."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.journal import clock
from accounts.staff.models import User
from campaigns.sequences import arming
from campaigns.sequences.arming import State


class Command(BaseCommand):
    help = (
        "Lets this database send. A new, restored or copied one does not until then; "
        "what is overdue is shown first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", metavar="EMAIL", help="who decides it")
        parser.add_argument("--yes", action="store_true", help="do it without asking")
        parser.add_argument("--disarm", action="store_true", help="stop all sending")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["disarm"]:
            arming.disarm()
            self.stdout.write("Disarmed: nothing is sent from this database.")
            return
        state = arming.state()
        if state is State.ARMED:
            self.stdout.write("Armed already.")
            return
        if state is State.CONTESTED:
            raise CommandError(
                "Another installation is at work on this database. Stop it first."
            )
        self._arm(options["by"], sure=options["yes"])

    def _arm(self, email: str | None, *, sure: bool) -> None:
        at = clock.now()
        overdue = arming.overdue(at).count()
        self.stdout.write(f"{overdue} messages are overdue and would go out now.")
        if not sure and input("Type “send” to arm this database: ") != "send":
            raise CommandError("Not armed.")
        arming.arm(self._person(email), at)
        self.stdout.write("Armed.")

    def _person(self, email: str | None) -> User | None:
        if not email:
            return None
        person = User.objects.filter(email__iexact=email, is_active=True).first()
        if person is None:
            raise CommandError(f"Nobody here has the address {email}.")
        return person
