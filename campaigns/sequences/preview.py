"""A step's message as one buyer would get it, before or after it is published.

Links are samples: a preview makes no invitation, and its links open nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.mail import EmailMessage

from accounts.customers.models import Buyer
from campaigns.messages import brands, compose, context, envelope, placeholders
from campaigns.messages.build import Source, Templates, build
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
    compiled = _compiled(step, language or _language_of(buyer))
    return compiled.fill(_facts(step, buyer))


def trial_mail(
    step: Step, buyer: Buyer | None, language: str, *, to: str, at: datetime
) -> EmailMessage:
    """The same as a mail to a colleague, marked as a test in its subject."""
    compiled = _compiled(step, language or _language_of(buyer))
    mail = envelope.message(compiled, _facts(step, buyer), uuid=uuid4(), to=to, at=at)
    mail.subject = f"[TEST] {mail.subject}"
    return mail


def _compiled(step: Step, language: str) -> Compiled:
    if step.message_version_id is not None:
        return compose.compiled(step.message_version_id, language)
    return _built(step.message, language)


def _built(message: Message, language: str) -> Compiled:
    texts = {text.language: text for text in message.texts.all()}
    if not texts:
        raise NoText(message.name)
    text = texts[compose.choose_language(language, texts)]
    brand = brands.describe(message.brand)
    templates: Templates = build(
        Source(text.subject, text.preheader, text.body),
        language=text.language,
        purpose=message.purpose,
        brand=brand,
    )
    return Compiled(
        templates, language=text.language, purpose=message.purpose, brand=brand
    )


def _language_of(buyer: Buyer | None) -> str:
    return buyer.language if buyer else ""


def _facts(step: Step, buyer: Buyer | None) -> Mapping[str, Any]:
    """Every placeholder's sample, and over it what is known of *buyer*."""
    facts = placeholders.sample()
    facts["campaign"] = {"name": step.version.campaign.name}
    if buyer is not None:
        known = context.of([buyer.pk]).get(buyer.pk, {})
        facts |= {group: known[group] for group in known if group != "links"}
    return facts
