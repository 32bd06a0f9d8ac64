"""Whether a brand's colour can be read, by WCAG's measure of contrast."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

WHITE = "#ffffff"
INK = "#16202c"
BLACK = "#000000"
#: WCAG 2.2 AA for text of normal size.
READABLE = 4.5

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_DARKER = 0.92
_LIGHTER = 1.06


def validate(value: str) -> None:
    if not _HEX.fullmatch(value):
        raise ValidationError(
            _("Write the colour as # and six digits, such as #1f4fd8."), code="colour"
        )


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 (none) to 21 (black on white)."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def on(colour: str) -> str:
    """The text colour that can be read on *colour*: white, ink, at worst black."""
    for text in (WHITE, INK):
        if contrast(text, colour) >= READABLE:
            return text
    return BLACK


def for_text(colour: str, ground: str = WHITE) -> str:
    """*colour*, darkened or lightened until text in it can be read on *ground*."""
    factor = _DARKER if _luminance(ground) > 0.5 else _LIGHTER
    red, green, blue = _parts(colour)
    while contrast(_join(red, green, blue), ground) < READABLE:
        if factor > 1:
            red, green, blue = (
                min(255.0, part * factor + 4) for part in (red, green, blue)
            )
        else:
            red, green, blue = (part * factor for part in (red, green, blue))
    return _join(red, green, blue)


def _parts(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _join(red: float, green: float, blue: float) -> str:
    return f"#{int(red):02x}{int(green):02x}{int(blue):02x}"


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
