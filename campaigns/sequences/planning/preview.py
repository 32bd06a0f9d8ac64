"""A step's message as one buyer would get it, before or after it is published.

It tells of her own, such as the session that she has booked, what is known today.
Links are samples: a preview makes no invitation, and its links open nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.mail import EmailMessage

from accounts.customers.models import Buyer
from campaigns.messages import compose
from campaigns.messages import preview as drafts
from campaigns.messages.compose import Compiled, Composed
from campaigns.messages.models import Message
from campaigns.sequences import touchpoints
from campaigns.sequences.models import Step
from campaigns.sequences.touchpoints import Recipient

from . import ahead


class NoText(LookupError):
    """The message is not written in any language yet."""


def languages_of(step: Step) -> list[str]:
    """The languages in which the step's message can be shown."""
    texts = (step.message_version or step.message).texts
    return sorted(texts.values_list("language", flat=True))


def compose_for(
    step: Step, buyer: Buyer | None, language: str = "", *, at: datetime
) -> Composed:
    """What *buyer* would read; nobody in particular where she is None.

    Raises `NoText`, and `BadSource` for a text that cannot be built.
    """
    compiled = _compiled(step, buyer, language)
    return compiled.fill(_facts(step, buyer, compiled, at))


def trial_mail(
    step: Step, buyer: Buyer | None, language: str, *, to: str, at: datetime
) -> EmailMessage:
    """The same as a mail to a colleague, marked as a test."""
    compiled = _compiled(step, buyer, language)
    facts = _facts(step, buyer, compiled, at)
    return drafts.trial_mail(compiled, facts, to=to, at=at)


def _compiled(step: Step, buyer: Buyer | None, language: str) -> Compiled:
    wanted = language or (buyer.language if buyer else "")
    if step.message_version_id is not None:
        return compose.compiled(step.message_version_id, wanted)
    return _draft(step.message, wanted)


def _draft(message: Message, language: str) -> Compiled:
    texts = {text.language: text for text in message.texts.all()}
    if not texts:
        raise NoText(str(message))
    text = texts[compose.choose_language(language, texts)]
    return drafts.compile_draft(text, message.purpose, message.brand)


def _facts(
    step: Step, buyer: Buyer | None, compiled: Compiled, at: datetime
) -> dict[str, Any]:
    name = step.version.campaign.name
    known = _known(step, buyer, compiled, at) if buyer else {}
    return {**drafts.facts_for(buyer), "campaign": {"name": name}, **known}


def _known(
    step: Step, buyer: Buyer, compiled: Compiled, at: datetime
) -> dict[str, Mapping[str, str | None]]:
    """What the message is about, such as her next session; else the samples stay."""
    groups = [one for one in touchpoints.facts() if one.name in compiled.groups]
    if not groups:
        return {}
    her = _recipient(step, buyer, compiled.language, at)
    told = {one.name: one.of([her]).get(her.delivery_id) for one in groups}
    return {name: facts for name, facts in told.items() if facts}


def _recipient(step: Step, buyer: Buyer, language: str, at: datetime) -> Recipient:
    """As the sender will ask for her, of a delivery that there is not."""
    steps = list(step.version.steps.all())
    return Recipient(
        delivery_id=0,
        delivery_uuid=uuid4(),
        buyer_id=buyer.pk,
        buyer_uuid=buyer.uuid,
        account_id=buyer.account_id,
        campaign_id=step.version.campaign_id,
        language=language,
        subject=ahead.subjects(steps, [buyer.pk], at).get(buyer.pk, ""),
    )
