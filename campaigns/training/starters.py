"""The mails about training, ready to use and to be rewritten by marketing.

Their texts lie in ``texts/``, one file per language: subject, preview line, an empty
line, and the Markdown with its placeholders.
"""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from campaigns.sequences.touchpoints import Label, Starter

TEXTS = Path(__file__).parent / "texts"
LANGUAGES = ("en", "es")


def read(slug: str, language: str) -> tuple[str, str, str]:
    """Subject, preview line and body."""
    text = (TEXTS / f"{slug}.{language}.md").read_text(encoding="utf-8")
    head, body = text.split("\n\n", 1)
    subject, preheader = head.split("\n")
    return subject, preheader, body


def _starter(slug: str, label: Label, *, service: bool = True) -> Starter:
    texts = {language: read(slug, language) for language in LANGUAGES}
    return Starter(slug=slug, label=label, texts=texts, service=service)


STARTERS = (
    _starter(
        "training_invitation", _("Invitation to a training session"), service=False
    ),
    _starter(
        "training_nudge", _("Training: a reminder to choose a date"), service=False
    ),
    _starter("seat_booked", _("Seat: confirmation")),
    _starter("seat_waiting", _("Seat: on the waiting list")),
    _starter("seat_offer", _("Seat: offered from the waiting list")),
    _starter("seat_offer_ended", _("Seat: the offer has ended")),
    _starter("seat_cancelled", _("Seat: cancelled")),
    _starter("seat_moved", _("Seat: moved to another date")),
    _starter("session_changed", _("Session: time or place changed")),
    _starter("session_off", _("Session: called off")),
    _starter("session_reminder", _("Session: reminder, are you still coming?")),
    _starter("session_join", _("Session: the way in, shortly before")),
    _starter("session_thanks", _("Session: thanks, with materials and feedback")),
    _starter("session_missed", _("Session: we missed you")),
)
