"""`manage.py arm`: let this database send from here."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.journal import clock
from accounts.staff.models import User
from campaigns.sequences import arming
from campaigns.sequences.arming import State
from campaigns.sequences.sending import overdue
from campaigns.sequences.sending.overdue import Choice


class Command(BaseCommand):
    help = (
        "Lets this database send. A new, restored or copied one does not until then; "
        "what is overdue is shown first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", metavar="EMAIL", help="who decides it")
        parser.add_argument("--yes", action="store_true", help="do it without asking")
        parser.add_argument(
            "--overdue",
            choices=[str(one) for one in Choice],
            help="send the newest of each buyer, spread over --hours; or none",
        )
        parser.add_argument("--hours", type=int, default=4)
        parser.add_argument("--note", default="", help="why; kept with the decision")
        parser.add_argument("--disarm", action="store_true", help="stop all sending")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["disarm"]:
            person = self._person(options["by"])
            overdue.disarm(person, clock.now(), options["note"])
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
        self._arm(options)

    def _arm(self, options: dict[str, Any]) -> None:
        at, person = clock.now(), self._person(options["by"])
        found = overdue.summarise(at)
        self.stdout.write(f"{found.messages} messages are overdue.")
        choice = options["overdue"]
        if not options["yes"]:
            choice = choice or (self._ask() if found.messages else None)
            if input("Type “send” to arm this database: ") != "send":
                raise CommandError("Not armed.")
        try:
            decided = overdue.arm(
                person,
                at,
                choice=Choice(choice) if choice else None,
                hours=options["hours"],
                note=options["note"],
            )
        except overdue.DecisionMissing as error:
            raise CommandError(
                "Say what becomes of what is overdue: --overdue newest or none."
            ) from error
        except overdue.StillPlanning as error:
            raise CommandError("Much is being planned still: try again.") from error
        self.stdout.write(
            f"Armed. {decided.to_send} go out by and by, {decided.not_sent} do not."
        )

    def _ask(self) -> str:
        said = input("Send the newest of each buyer by and by, or none? [newest/none] ")
        if said not in set(Choice):
            raise CommandError("Not armed.")
        return said

    def _person(self, email: str | None) -> User | None:
        if not email:
            return None
        person = User.objects.filter(email__iexact=email, is_active=True).first()
        if person is None:
            raise CommandError(f"Nobody here has the address {email}.")
        return person
