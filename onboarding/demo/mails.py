"""Adds to the mails of the playbook what a marketer would: pages to read first.

They lead everybody to the same place, so that a campaign can count them.
"""

from campaigns.messages.models import Message, MessageText

GUIDE = "https://alborada.example/guia"
_BEFORE = "{% if rep.name %}"
_STARTED = "invitation.first_order"

#: Language → what each mail says, and what the last one adds.
WORDS = {
    "es": (
        f"¿Prefiere leer antes cómo funciona? Lea la [guía breve]({GUIDE}).",
        "O eche primero un vistazo al [catálogo]({{ links.store }}).",
    ),
    "en": (
        f"Would you rather read first how it works? Here is a [short guide]({GUIDE}).",
        "Or have a look at the [catalogue]({{ links.store }}) first.",
    ),
}


def add_links(messages: list[Message]) -> None:
    """Before the signature, in every language; harmless when repeated."""
    texts = MessageText.objects.filter(message__in=messages)
    for text in texts.select_related("message"):
        guide, catalogue = WORDS[text.language]
        added = f"{guide} {catalogue}" if _is_last(text.message) else guide
        if added not in text.body:
            text.body = text.body.replace(_BEFORE, f"{added}\n\n{_BEFORE}", 1)
            text.save(update_fields=["body"])


def _is_last(message: Message) -> bool:
    return message.starter == _STARTED
