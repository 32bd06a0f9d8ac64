"""A provider's payload, made ready once for all messages of one form.

Anymail builds the payload of a message in which whatever differs from person to
person is a mark; from then on values are put where the marks came to stand, in a sixth
of the time. When a form is first met, a message of awkward values is built both ways:
unless both are equal to the letter, and for every message that is out of the ordinary,
Anymail goes on building each of them.
"""

import copy
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from json.encoder import encode_basestring_ascii
from typing import Any
from uuid import uuid4

from anymail.utils import EmailAddress
from django.core.mail import EmailMultiAlternatives

#: Sender, answers' addressee, names of headers and of metadata: all but the values.
Form = tuple[Any, ...]

#: A message of these, and of nothing that an application may add, is an ordinary one.
_ATTRIBUTES = {*vars(EmailMultiAlternatives()), "metadata", "anymail_status"}
#: An address that everybody reads and writes in the same way.
_ATOM = r"[A-Za-z0-9_+-]+"
_LABEL = r"(?!xn--|..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_is_plain = re.compile(
    rf"(?=.{{1,254}}\Z){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+"
).fullmatch
_is_word = re.compile(r"[A-Za-z0-9-]+").fullmatch
#: Subject, text, HTML, address; headers and metadata follow.
_ADDRESS = 3
_AWKWARD = (
    "\u00d1and\u00fa \"1\" \\ / 'x' {{ y }} %s \U0001f600",
    "a\r\n\t\u2028<&amp;>\x7f\u00e9\n.\n",
    '<p class="x">\\u0041 \u20ac &nbsp;</p>\n<script>\'"</script>',
    "Zoe_1.o+tag@mail-2.sub.example",
)
#: So many forms are kept; a shop has a handful.
_MOST = 200


def attach(backend: Any) -> None:
    """Have *backend*, of Anymail, build payloads in this way where it can."""
    backend.build_message_payload = Stencils(backend).build


class Stencils:
    """Those of one backend, by form."""

    def __init__(self, backend: Any) -> None:
        self._build: Callable[[Any, Any], Any] = backend.build_message_payload
        self._api_url = str(backend.api_url)
        self._known: dict[Form, Stencil | None] = {}

    def build(self, message: Any, defaults: Any) -> Any:
        """The payload of *message*."""
        values = values_of(message)
        if values is None:
            return self._build(message, defaults)
        form = form_of(message)
        try:
            stencil = self._known[form]
        except KeyError:
            stencil = self._learn(form, message, values, defaults)
        if stencil is None:
            return self._build(message, defaults)
        return stencil.fill(message, values)

    def _learn(
        self, form: Form, message: Any, values: Sequence[str], defaults: Any
    ) -> "Stencil | None":
        if len(self._known) >= _MOST:
            self._known.clear()
        stencil = None
        with suppress(Exception):
            # Whatever is wrong with it, Anymail says again of the message itself.
            stencil = self._cut(message, len(values), defaults)
        self._known[form] = stencil
        return stencil

    def _cut(self, message: Any, count: int, defaults: Any) -> "Stencil | None":
        marks = [f"mark{n}x{uuid4().hex}" for n in range(count)]
        marks[_ADDRESS] += "@marks.example"
        marked = self._build(_with_values(message, marks), defaults)
        asked = marked.get_request_params(self._api_url)
        if not isinstance(asked["data"], str | bytes):
            return None
        stencil = Stencil(marked, asked, marks)
        headers = [f'<h://{n}/?a&b="\\' for n in range(len(message.extra_headers))]
        values = [*_AWKWARD, *headers, *(uuid4().hex for _ in _metadata(message))]
        awkward = _with_values(message, values)
        expected = self._build(awkward, defaults).get_request_params(self._api_url)
        filled = stencil.fill(awkward, values).get_request_params(self._api_url)
        is_same = filled == {**expected, "data": _text(expected["data"])}
        return stencil if is_same else None


class Stencil:
    """A payload with holes: *marked*, and what it *asked* for, with *marks* in it."""

    def __init__(
        self, marked: Any, asked: Mapping[str, Any], marks: Sequence[str]
    ) -> None:
        self._marked = marked
        self._asked = dict(asked)
        self._headers = asked["headers"]
        self._own_headers = {
            name: marks.index(value)
            for name, value in (self._headers or {}).items()
            if value in marks
        }
        self._row, self._holes = _split(_text(asked["data"]), marks)
        # From them Anymail tells whose status an answer holds.
        self._recipients = [
            name
            for name, value in vars(marked).items()
            if isinstance(value, list)
            and [str(one) for one in value] == [marks[_ADDRESS]]
        ]

    def fill(self, message: Any, values: Sequence[str]) -> Any:
        payload = object.__new__(type(self._marked))
        vars(payload).update(vars(self._marked), message=message)
        username, _at, domain = values[_ADDRESS].partition("@")
        for name in self._recipients:
            recipient = EmailAddress(username=username, domain=domain)
            setattr(payload, name, [recipient])
        payload.data = self._write(values)
        if self._own_headers:
            payload.headers = self._headers | {
                name: values[number] for name, number in self._own_headers.items()
            }
        asked = self._asked | {"data": payload.data, "headers": payload.headers}
        payload.get_request_params = lambda _api_url: asked
        return payload

    def _write(self, values: Sequence[str]) -> str:
        row = self._row.copy()
        for number, places in self._holes.items():
            written = encode_basestring_ascii(values[number])[1:-1]
            for place in places:
                row[place] = written
        return "".join(row)


def values_of(message: Any) -> list[str] | None:
    """What differs from person to person; None where *message* is not ordinary."""
    if not isinstance(message, EmailMultiAlternatives):
        return None
    if not vars(message).keys() <= _ATTRIBUTES:
        return None
    if message.cc or message.bcc or message.attachments or len(message.to) != 1:
        return None
    if [kind for _html, kind in message.alternatives] != ["text/html"]:
        return None
    values = [
        message.subject,
        message.body,
        message.alternatives[0][0],
        message.to[0],
        *message.extra_headers.values(),
        *_metadata(message).values(),
    ]
    return values if _are_ordinary(values, message) else None


def _are_ordinary(values: Sequence[Any], message: Any) -> bool:
    # What is empty is left out by some.
    if not all(values) or {*map(type, values)} != {str}:
        return False
    if not _is_plain(values[_ADDRESS]):
        return False
    # Some write it into a header, in JSON within JSON.
    return all(map(_is_word, _metadata(message).values()))


def form_of(message: Any) -> Form:
    """What *message* has in common with others."""
    return (
        type(message),
        message.from_email,
        *message.reply_to,
        None,
        *message.extra_headers,
        None,
        *_metadata(message),
    )


def _metadata(message: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = getattr(message, "metadata", {})
    return found


def _with_values(message: Any, values: Sequence[str]) -> Any:
    """*message* saying these instead of its own."""
    other, left = copy.copy(message), iter(values)
    other.subject, other.body, html, to = (next(left) for _ in range(_ADDRESS + 1))
    other.alternatives = [(html, "text/html")]
    other.to = [to]
    other.extra_headers = {name: next(left) for name in message.extra_headers}
    other.metadata = dict(zip(_metadata(message), left, strict=True))
    return other


def _split(text: str, marks: Sequence[str]) -> tuple[list[str], dict[int, list[int]]]:
    """*text* in parts, and in which parts the value of which mark is to stand."""
    parts = re.split(f"({'|'.join(map(re.escape, marks))})", text)
    holes: dict[int, list[int]] = {}
    for place in range(1, len(parts), 2):
        holes.setdefault(marks.index(parts[place]), []).append(place)
    return parts, holes


def _text(data: str | bytes) -> str:
    return data if isinstance(data, str) else data.decode()
