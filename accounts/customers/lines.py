"""Text on one line, fit for a header, a subject or a name: nothing hidden in it."""

import re
from unicodedata import normalize

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Signs that turn the reading direction of what follows them.
BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# C0, DEL and C1 controls, the two separators that break lines, and BIDI.
HIDDEN = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{BIDI}]")
# Blanks that line up or join letters and are worth nothing in a name or a number.
BLANKS = re.compile("[\\s\u200b\u2060\ufeff\u00ad]+")
# What makes a mail program offer a click (a person's name never does).
LINK = re.compile(
    r"https?:|www\.|\w\.(?:com|net|org|info|link|shop|site|xyz)\b|[<>@]",
    re.IGNORECASE,
)


def tidy(text: str) -> str:
    """One line of composed characters, single blanks within, none around."""
    if text.isascii():
        return " ".join(text.split())
    return BLANKS.sub(" ", normalize("NFC", text)).strip()


def is_clean(text: str) -> bool:
    """Whether nothing in it hides or breaks the line."""
    return text.isprintable() or HIDDEN.search(text) is None


def validate_line(text: str) -> None:
    if not is_clean(text):
        raise ValidationError(
            _("This holds hidden signs or line breaks."), code="hidden"
        )


def validate_name(text: str) -> None:
    """A person's name stands in subjects and greetings: no link may stand there."""
    validate_line(text)
    if LINK.search(text):
        raise ValidationError(_("A name holds no link or address."), code="link")
