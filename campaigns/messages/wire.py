"""The bytes of a mail for SMTP: all that is the same for everybody made ready once.

Equal in its parts to what Django's message class gives for the same delivery. The
lines end in CRLF; they are not dot-stuffed, which is the transport's part.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.mail.message import forbid_multi_line_headers, sanitize_address
from liquid import BoundTemplate

from . import guard, headers, quoted
from .compiling import Section
from .compose import Compiled
from .slots import Program


class Written(bytes):
    """A mail in ASCII whose lines all end in CRLF, and none begins with a dot."""


# Quoted-printable never holds "=_", so no part can hold the boundary.
_BOUNDARY = "=_onboarding_part"
_PART = (
    f"\r\n--{_BOUNDARY}\r\nContent-Type: text/%s; "
    'charset="utf-8"\r\nMIME-Version: 1.0\r\n'
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)
_END = f"\r\n--{_BOUNDARY}--\r\n"
# Stands for the link until the header's own guard has passed.
_LEAVE = "leave:"
#: Octets of UTF-8 in one encoded word: 60 characters of base64, 72 in all.
_WORD = 45
#: RFC 5322 2.1.1: a line should not be longer than 78 characters.
_PLAIN_SUBJECT = 78 - len("Subject: ")


def write(
    compiled: Compiled,
    context: Mapping[str, Any],
    *,
    uuid: UUID,
    to: str,
    at: datetime,
) -> Written:
    """Return the whole mail; the arguments are those of `envelope.message`."""
    context = compiled.complete(context)
    leave = context["links"].get("unsubscribe")
    headers.check_unsubscribe(compiled.purpose, leave)
    head, lines, holes = _skeleton(compiled)
    lines = lines.copy()
    values = {"uuid": str(uuid), "date": headers.date(at), "leave": leave}
    for number, name in holes:
        lines[number] = values[name]
    mail = (
        head,
        _encode_subject(compiled.fill_subject(context)),
        "\r\nTo: ",
        _encode_address(to),
        *lines,
        body(compiled).fill(context),
        _END,
    )
    return Written("".join(mail).encode("ascii"))


@lru_cache(maxsize=256)
def body(compiled: Compiled) -> Program:
    """Fills both parts, each after its head."""
    return quoted_program(
        compiled.text_template,
        compiled.html_template,
        (_PART % "plain", _PART % "html"),
    )


def quoted_program(
    text: BoundTemplate, html: BoundTemplate, heads: tuple[str, str] = ("", "")
) -> Program:
    """Fills a text and an HTML template as quoted-printable."""
    sections = [
        Section(template, quoted.quote, quoted.quote_value, quoted.SOFT, head)
        for template, head in zip((text, html), heads, strict=True)
    ]
    return Program(sections, quoted.forms)


@lru_cache(maxsize=256)
def _skeleton(
    compiled: Compiled,
) -> tuple[str, list[str], list[tuple[int, str]]]:
    """The headers that all mails of *compiled* share, as far as the subject's value;
    those that follow the recipient, in parts, and which parts are whose holes."""
    shared = {
        "From": headers.sender(compiled.brand),
        "Reply-To": headers.reply_to(compiled.brand),
        **headers.fixed(),
    }
    fixed = "".join(
        f"{name}: {forbid_multi_line_headers(name, value, 'utf-8')[1]}\n"
        for name, value in shared.items()
    ).replace("\n", "\r\n")
    head = (
        f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"\r\n'
        f"MIME-Version: 1.0\r\n{fixed}Subject: "
    )
    varied = {
        **headers.of_delivery("\0uuid\0", "\0date\0", headers.domain(compiled.brand)),
        **headers.unsubscribe(compiled.purpose, _LEAVE),
    }
    text = "".join(f"\r\n{name}: {value}" for name, value in varied.items())
    lines = (text.replace(_LEAVE, "\0leave\0") + "\r\n").split("\0")
    return head, lines, [(n, lines[n]) for n in range(1, len(lines), 2)]


def _encode_address(to: str) -> str:
    guard.check_address("To", to)
    return to if to.isascii() else str(sanitize_address(to, "utf-8"))


def _encode_subject(subject: str) -> str:
    if not subject.isascii():
        return _encode_words(subject)
    if len(subject) > _PLAIN_SUBJECT:
        return Header(subject, header_name="Subject").encode(linesep="\r\n")
    return subject


def _encode_words(subject: str) -> str:
    """RFC 2047, base64: no character is cut in two."""
    words, start, octets = [], 0, subject.encode("utf-8", "replace")
    while start < len(octets):
        stop = min(start + _WORD, len(octets))
        while stop < len(octets) and octets[stop] & 0xC0 == 0x80:
            stop -= 1
        words.append(f"=?utf-8?b?{b64encode(octets[start:stop]).decode()}?=")
        start = stop
    return "\r\n ".join(words)
