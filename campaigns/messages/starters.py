"""Messages shipped ready to use, as rows that anybody may then change."""

from collections.abc import Mapping

from django.db import transaction

from accounts.consent.topics import of_touchpoint

from .models import Brand, Message, MessageText, Purpose

#: By language: (subject, preview line, text).
Texts = Mapping[str, tuple[str, str, str]]


@transaction.atomic
def add(
    slug: str,
    label: str,
    texts: Texts,
    *,
    service: bool,
    touchpoint: str,
    brand: Brand,
) -> Message:
    """Return *brand*'s message made from a starter; make it if there is none yet.

    What somebody changed since stays as it is.
    """
    message, is_new = Message.objects.get_or_create(
        brand=brand,
        starter=f"{touchpoint}.{slug}",
        defaults={
            "name": label,
            "touchpoint": touchpoint,
            "topic": of_touchpoint(touchpoint),
            "purpose": Purpose.SERVICE if service else Purpose.MARKETING,
        },
    )
    if is_new:
        MessageText.objects.bulk_create(
            MessageText(
                message=message,
                language=language,
                subject=subject,
                preheader=preheader,
                body=body,
            )
            for language, (subject, preheader, body) in texts.items()
        )
    return message
