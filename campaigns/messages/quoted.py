"""Quoted-printable in pieces: every piece begins and ends at the start of a line.

So pieces can be encoded apart, kept, and joined in any order: a soft line break
ends each one that has no line break of its own.
"""

import re
from binascii import b2a_qp

from markupsafe import escape

_SOFT = b"=\r\n"
#: RFC 2045 6.7: characters of a line, its soft break's "=" included.
_LINE = 76
# Neither HTML nor quoted-printable changes these; short enough for one line.
_PLAIN = re.compile(r"[\w ,;:/.@+*()%-]{1,72}", re.ASCII).fullmatch


def quote(text: str) -> bytes:
    """Return *text* encoded, lines parted by CRLF, to be followed by any piece."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    octets = b2a_qp(text.encode("utf-8", "replace"))
    if b"\n" in octets:
        octets = octets.replace(b"\n", b"\r\n")
        if octets.endswith(b"\r\n"):
            return octets
    if len(octets) >= _LINE:
        octets = _shorten(octets)
    return octets + _SOFT if octets else octets


def quote_plain(value: str) -> bytes:
    """`quote` for a value; most need no encoding at all."""
    if _PLAIN(value):
        return value.encode() + _SOFT
    return quote(value)


def quote_html(value: str) -> bytes:
    """`quote` for a value in HTML, escaped."""
    if _PLAIN(value):
        return value.encode() + _SOFT
    return quote(escape(value))


def _shorten(octets: bytes) -> bytes:
    """Make room for one more character in the last line."""
    start = octets.rfind(b"\n") + 1
    if len(octets) - start < _LINE:
        return octets
    cut = len(octets) - (3 if octets[-3:-2] == b"=" else 1)
    return octets[:cut] + _SOFT + octets[cut:]
