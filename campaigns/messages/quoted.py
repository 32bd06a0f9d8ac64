"""Quoted-printable in pieces: every piece begins and ends at the start of a line.

So pieces can be encoded apart, kept, and joined in any order: a soft line break
ends each one that has no line break of its own.
"""

import re
from binascii import b2a_qp
from functools import lru_cache

from markupsafe import escape

#: A soft line break: ends a line and vanishes when decoded.
SOFT = "=\r\n"
#: RFC 2045 6.7: characters of a line, its soft break's "=" included.
_LINE = 76

#: Whether neither HTML nor quoted-printable changes a value, and one line holds it.
is_plain = re.compile(r"[\w ,;:/@+*()%-][\w ,;:/.@+*()%-]{0,71}", re.ASCII).fullmatch
# SMTP would have to double it: a line with one dot ends the message.
_LEADING_DOT = re.compile(r"^\.(.*)", re.MULTILINE)


has_no_markup = re.compile(r"[^&<>\"']*").fullmatch


def quote(text: str) -> str:
    """Encode a literal part: it begins and ends at the start of a line."""
    encoded = _encode(text)
    return encoded if encoded.endswith("\n") or not encoded else encoded + SOFT


@lru_cache(maxsize=4096)
def forms(value: str) -> tuple[str, str]:
    """A value encoded for a text and, escaped, for HTML: it begins at the start of a
    line, and `SOFT` is to follow.

    The last ones are kept: a rep's name, or goods, stand in mail after mail.
    """
    if is_plain(value):
        return value, value
    text = _encode(value)
    return text, text if has_no_markup(value) else _encode(str(escape(value)))


def quote_value(value: str) -> str:
    """Encode a value that is not to be escaped, as `forms` does."""
    return value if is_plain(value) else _encode(value)


def _encode(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    encoded = b2a_qp(text.encode("utf-8", "replace")).decode("ascii")
    if encoded.startswith(".") or "\n." in encoded:
        encoded = _LEADING_DOT.sub(_hide_dot, encoded)
    if "\n" in encoded:
        encoded = encoded.replace("\n", "\r\n")
    return _shorten(encoded) if len(encoded) >= _LINE else encoded


def _hide_dot(line: re.Match[str]) -> str:
    rest = line[1]
    if len(rest) <= _LINE - len("=2E"):
        return f"=2E{rest}"
    # A line of its own for the dot: two octets more would be too many.
    return "=2E=\n" + _LEADING_DOT.sub(_hide_dot, rest)


def _shorten(encoded: str) -> str:
    """Make room for one more character in the last line."""
    if len(encoded) - encoded.rfind("\n") - 1 < _LINE:
        return encoded
    cut = len(encoded) - (3 if encoded[-3] == "=" else 1)
    return encoded[:cut] + SOFT + encoded[cut:]
