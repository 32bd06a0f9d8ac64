"""For the last administrator who lost her telephone and her recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.staff import access, second_factor
from accounts.staff.models import User


class Command(BaseCommand):
    help = "Remove a user's second factor, so that she sets up another one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", help="the user's e-mail address")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["address"]).first()
        if user is None:
            raise CommandError("Nobody has this address.")
        if not second_factor.remove(user, by=None, at=access.now()):
            raise CommandError("This user has no second factor.")
        self.stdout.write("Removed. At the next log-in another one can be set up.")
