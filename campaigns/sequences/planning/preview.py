"""A step's message as one buyer would get it, before or after it is published.

Links are samples: a preview makes no invitation, and its links open nothing.
"""

from datetime import datetime
from typing import Any

from django.core.mail import EmailMessage

from accounts.customers.models import Buyer
from campaigns.messages import compose
from campaigns.messages import preview as drafts
from campaigns.messages.compose import Compiled, Composed
from campaigns.messages.models import Message
from campaigns.sequences.models import Step


class NoText(LookupError):
    """The message is not written in any language yet."""


def languages_of(step: Step) -> list[str]:
    """The languages in which the step's message can be shown."""
    texts = (step.message_version or step.message).texts
    return sorted(texts.values_list("language", flat=True))


def compose_for(step: Step, buyer: Buyer | None, language: str = "") -> Composed:
    """What *buyer* would read; nobody in particular where she is None.

    Raises `NoText`, and `BadSource` for a text that cannot be built.
    """
    return _compiled(step, buyer, language).fill(_facts(step, buyer))


def trial_mail(
    step: Step, buyer: Buyer | None, language: str, *, to: str, at: datetime
) -> EmailMessage:
    """The same as a mail to a colleague, marked as a test."""
    compiled = _compiled(step, buyer, language)
    return drafts.trial_mail(compiled, _facts(step, buyer), to=to, at=at)


def _compiled(step: Step, buyer: Buyer | None, language: str) -> Compiled:
    wanted = language or (buyer.language if buyer else "")
    if step.message_version_id is not None:
        return compose.compiled(step.message_version_id, wanted)
    return _draft(step.message, wanted)


def _draft(message: Message, language: str) -> Compiled:
    texts = {text.language: text for text in message.texts.all()}
    if not texts:
        raise NoText(message.name)
    text = texts[compose.choose_language(language, texts)]
    return drafts.compile_draft(text, message.purpose, message.brand)


def _facts(step: Step, buyer: Buyer | None) -> dict[str, Any]:
    name = step.version.campaign.name
    return {**drafts.facts_for(buyer), "campaign": {"name": name}}
