"""One mail for one delivery, in two forms that say the same.

`message` is Django's message, for any e-mail backend; `bytes` is for SMTP, in a
small part of the time. Both take the compiled message, the buyer's context with
all its links, the delivery's own id and the address.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.mail import EmailMultiAlternatives

from . import guard, headers, wire
from .compose import Compiled

bytes = wire.write  # noqa: A001 - callers read `envelope.bytes`


class DeliveryMessage(EmailMultiAlternatives):
    """Django's message, with what Anymail reads besides."""

    metadata: dict[str, str]
    # Tracked links would pass the tokens of personal ones through a provider.
    track_opens = False
    track_clicks = False


def message(
    compiled: Compiled,
    context: Mapping[str, Any],
    *,
    uuid: UUID,
    to: str,
    at: datetime,
) -> DeliveryMessage:
    """Return the mail of delivery *uuid* to *to*, its one recipient.

    Raises `guard.UnsafeHeader` for what may not stand in a header, and
    `headers.NoUnsubscribe` for a commercial message without its link to leave.
    """
    composed = compiled.fill(context)
    leave = context["links"].get("unsubscribe")
    mail = DeliveryMessage(
        subject=guard.check("Subject", composed.subject),
        body=composed.text,
        from_email=headers.sender(compiled.brand),
        to=[guard.check_address("To", to)],
        reply_to=[headers.reply_to(compiled.brand)],
        headers={
            **headers.fixed(),
            **headers.of_delivery(
                uuid, headers.date(at), headers.domain(compiled.brand)
            ),
            **headers.unsubscribe(compiled.purpose, leave),
        },
    )
    mail.attach_alternative(composed.html, "text/html")
    mail.metadata = {"delivery": str(uuid)}
    return mail


def sender_address(compiled: Compiled) -> str:
    """The address that SMTP's MAIL FROM names."""
    return guard.check_address("From", compiled.brand["sender_email"])
