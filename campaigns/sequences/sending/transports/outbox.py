"""The outbox: a chunk of messages is one statement, and can be looked up after."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.core.mail import get_connection
from django.db import DatabaseError, transaction

from campaigns.messages.models import OutboxMail

from .base import Gate, Letter, Result, Transport, Verdict

_KEPT = Result(Verdict.ACCEPTED)


class OutboxTransport(Transport):
    name = "outbox"

    def open(self) -> None:
        """It is in our own database."""

    def send(self, letters: Sequence[Letter], gate: Gate) -> None:
        begun = [one for one in letters if gate.wants(one) and gate.begin(one)]
        if not begun:
            return
        result = _KEPT
        try:
            with transaction.atomic():
                get_connection().send_messages([one.message for one in begun])
        except DatabaseError as error:
            result = Result(Verdict.AMBIGUOUS, answer=type(error).__name__)
        for letter in begun:
            gate.end(letter, result)

    def find_accepted(self, uuids: Collection[UUID]) -> set[UUID]:
        found = OutboxMail.objects.filter(delivery_uuid__in=uuids)
        return {uuid for uuid in found.values_list("delivery_uuid", flat=True) if uuid}
