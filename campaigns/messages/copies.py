"""A message copied: the texts as they are, none of the history."""

from django.db import transaction
from django.utils.translation import gettext as _

from .models import Message, MessageText


@transaction.atomic
def copy(message: Message) -> Message:
    """Return a new message with the same texts, named as a copy."""
    limit = Message._meta.get_field("name").max_length or 100
    name = _("Copy of %(name)s") % {"name": message}
    twin = Message.objects.create(
        name=name[:limit],
        purpose=message.purpose,
        topic=message.topic,
        touchpoint=message.touchpoint,
        brand=message.brand,
    )
    MessageText.objects.bulk_create(
        MessageText(
            message=twin,
            language=text.language,
            subject=text.subject,
            preheader=text.preheader,
            body=text.body,
        )
        for text in message.texts.all()
    )
    return twin
