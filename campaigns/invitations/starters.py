"""The mails about the invitation, ready to use and to be rewritten by marketing.

Their texts lie in ``texts/``, one file per language: subject, preview line, an empty
line, and the Markdown with its placeholders.
"""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from campaigns.sequences.touchpoints import Label, Starter

#: The service message by which somebody with a dead link gets a living one.
NEW_LINK = "invitation_new_link"

TEXTS = Path(__file__).parent / "texts"
LANGUAGES = ("en", "es")


def read(slug: str, language: str) -> tuple[str, str, str]:
    """Subject, preview line and body."""
    text = (TEXTS / f"{slug}.{language}.md").read_text(encoding="utf-8")
    head, body = text.split("\n\n", 1)
    subject, preheader = head.split("\n")
    return subject, preheader, body


def _starter(slug: str, label: Label, *, service: bool = False) -> Starter:
    texts = {language: read(slug, language) for language in LANGUAGES}
    return Starter(slug=slug, label=label, texts=texts, service=service)


STARTERS = (
    _starter("invitation", _("Invitation to the web store")),
    _starter("invitation_reminder", _("Reminder to those not yet registered")),
    _starter("first_order", _("Nudge towards the first online order")),
    _starter(NEW_LINK, _("A new invitation link, on request"), service=True),
)
