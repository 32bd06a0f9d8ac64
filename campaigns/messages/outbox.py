"""The e-mail backend of an installation without a provider: mails stay here.

They are read in the admin, as a mail program would show them.
"""

from collections.abc import Sequence
from uuid import UUID

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from . import headers
from .models import OutboxMail


class EmailBackend(BaseEmailBackend):
    """Keeps mails in the database, all those of one call in one statement."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        kept = OutboxMail.objects.bulk_create(
            _keep(message) for message in email_messages if message.recipients()
        )
        return len(kept)


#: The name by which the house speaks of it.
OutboxBackend = EmailBackend


def _keep(message: EmailMessage) -> OutboxMail:
    mail = message.message()
    return OutboxMail(
        delivery_uuid=_uuid(message.extra_headers.get(headers.DELIVERY, "")),
        is_trial=headers.TRIAL in message.extra_headers,
        recipient=", ".join(message.recipients())[:254],
        sender=str(message.from_email)[:254],
        subject=str(message.subject)[:998],
        raw=mail.as_bytes(linesep="\r\n"),  # type: ignore[call-arg]
    )


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
