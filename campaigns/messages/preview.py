"""A message as a reader would get it, while it is being written.

Built in this process: sources are bounded in length and tags, filling stops at the
limits of `syntax`, and only staff reaches it. The trial in a process of its own
belongs to publishing. Links are samples: they open nothing.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.customers.models import Buyer

from . import brands, context, envelope, headers, placeholders, problems
from .build import Source, build
from .compose import Compiled, Composed, fill_line
from .models import Brand, MessageText
from .problems import Problem
from .syntax import BadSource


@dataclass(frozen=True, slots=True)
class Preview:
    """What could be built, and all that is wrong."""

    composed: Composed | None
    preheader: str
    problems: list[Problem]


def show(
    text: MessageText, purpose: str, brand: Brand, buyer: Buyer | None = None
) -> Preview:
    described = brands.describe(brand)
    found = list(problems.in_text(text, purpose, described))
    try:
        compiled = compile_draft(text, purpose, brand)
        facts = facts_for(buyer)
        preheader = fill_line(text.preheader, compiled.complete(facts))
        return Preview(compiled.fill(facts), preheader, found)
    except BadSource:
        return Preview(None, "", found)


def compile_draft(text: MessageText, purpose: str, brand: Brand) -> Compiled:
    """Compile what is not published; raises `BadSource`."""
    described = brands.describe(brand)
    templates = build(
        Source(text.subject, text.preheader, text.body),
        language=text.language,
        purpose=purpose,
        brand=described,
    )
    return Compiled(templates, language=text.language, purpose=purpose, brand=described)


def facts_for(buyer: Buyer | None) -> dict[str, Any]:
    """Every placeholder's sample, and over it what is known of *buyer*."""
    facts: dict[str, Any] = placeholders.sample()
    if buyer is not None:
        known = context.of([buyer.pk]).get(buyer.pk, {})
        facts |= {group: known[group] for group in known if group != "links"}
    return facts


def trial_mail(
    compiled: Compiled, facts: dict[str, Any], *, to: str, at: datetime
) -> EmailMessage:
    """The message as a mail to a colleague: marked as a test, of no delivery."""
    mail = envelope.message(compiled, facts, uuid=uuid4(), to=to, at=at)
    with translation.override(compiled.language):
        mail.subject = f"[{_('Test')}] {mail.subject}"
    mail.extra_headers.pop(headers.DELIVERY)
    mail.extra_headers[headers.TRIAL] = "yes"
    # A provider's button would unsubscribe nobody: the link is a sample.
    for name in headers.unsubscribe(compiled.purpose, "https://sample.invalid"):
        mail.extra_headers.pop(name)
    mail.metadata = {}
    return mail
