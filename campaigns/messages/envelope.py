"""One mail for one delivery, in two forms that say the same.

`message` is Django's message, for any e-mail backend; `bytes` is for SMTP, in a
small part of the time. Both take the compiled message, the buyer's context with
all its links, the delivery's own id, the address and what is attached.
"""

import builtins
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.mail import EmailMultiAlternatives

from . import guard, headers, wire
from .attachments import Attachment
from .compose import Compiled


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
    attachments: Sequence[Attachment] = (),
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
    for one in attachments:
        mail.attach(one.name, one.content, one.kind)
    mail.metadata = {"delivery": str(uuid)}
    return mail


def bytes(  # noqa: A001 - callers read `envelope.bytes`
    compiled: Compiled,
    context: Mapping[str, Any],
    *,
    uuid: UUID,
    to: str,
    at: datetime,
    attachments: Sequence[Attachment] = (),
) -> builtins.bytes:
    """Return the bytes of what `message` returns; the arguments are the same.

    With attachments it is Django's own class that writes them: such mails are few.
    """
    if not attachments:
        return wire.write(compiled, context, uuid=uuid, to=to, at=at)
    mail = message(
        compiled, context, uuid=uuid, to=to, at=at, attachments=attachments
    ).message()
    written: builtins.bytes = mail.as_bytes(linesep="\r\n")  # type: ignore[call-arg]
    return written


def sender_address(compiled: Compiled) -> str:
    """The address that SMTP's MAIL FROM names."""
    return guard.check_address("From", compiled.brand["sender_email"])
