"""Reads an answer over HTTP/1.1: its usual form in one go, any other by http.client.

Usual is what every provider says to a POST: one line, simple headers, a length, and
all of it at once. http.client takes a letter's parser for it, and five times as long.
What does not fit the form to the letter (in pieces, folded, announced by a 1xx, of two
lengths, of old) is read by http.client from its first octet on.
"""

import io
import re
import socket
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from typing import NamedTuple

#: Octets; what a provider answers is a few hundred long.
LONGEST_BODY = 1_000_000
_PIECE = 65_536

#: RFC 9112 4 and 5, without what is merely tolerated; http.client takes no more than
#: a hundred headers.
_usual_head = re.compile(
    rb"HTTP/1\.1 (?!204|304)([2-5]\d\d) ([\t -~\x80-\xff]*)\r\n"
    rb"((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n){1,90})\r\n"
).match
_is_length = re.compile(r"[0-9]{1,9}").fullmatch


class Answer(NamedTuple):
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes
    #: Nothing follows on this connection.
    is_last: bool


def read(
    connection: socket.socket, method: str, note_status: Callable[[int], None]
) -> Answer:
    """The answer to a *method*; its status is noted as soon as its head is here.

    Raises OSError or HTTPException.
    """
    first = connection.recv(_PIECE)
    if head := _usual_head(first):
        headers = _headers(head[3])
        length = _length(headers)
        if length is not None:
            note_status(int(head[1]))
            body = _read_on(connection, first[head.end() :], length)
            reason = head[2].decode("latin-1").strip()
            is_last = len(body) > length
            return Answer(int(head[1]), reason, headers, body[:length], is_last)
    return _read_any(_Heard(first, connection), method, note_status)


def _headers(lines: bytes) -> list[tuple[str, str]]:
    pairs = (line.partition(":") for line in lines.decode("latin-1").split("\r\n")[:-1])
    return [(name, value.strip(" \t")) for name, _colon, value in pairs]


def _length(headers: list[tuple[str, str]]) -> int | None:
    """The body's, where nothing but one plain length tells where it ends."""
    said = {name.lower(): value for name, value in headers}
    length = said.get("content-length", "")
    names = [name.lower() for name, _value in headers]
    if names.count("content-length") != 1 or names.count("connection") > 1:
        return None
    if "transfer-encoding" in said:
        return None
    if said.get("connection", "keep-alive").lower() != "keep-alive":
        return None
    if not _is_length(length) or int(length) > LONGEST_BODY:
        return None
    return int(length)


def _read_on(connection: socket.socket, body: bytes, length: int) -> bytes:
    while len(body) < length:
        more = connection.recv(_PIECE)
        if not more:
            raise HTTPException("An answer cut off.")
        body += more
    return body


class _Heard(io.RawIOBase):
    """What was read already, and then the connection; for http.client a socket."""

    def __init__(self, first: bytes, connection: socket.socket) -> None:
        self._first = memoryview(first)
        self._connection = connection

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, memory: memoryview) -> int:  # type: ignore[override]
        if size := min(len(memory), len(self._first)):
            memory[:size], self._first = self._first[:size], self._first[size:]
            return size
        return self._connection.recv_into(memory)


def _read_any(heard: _Heard, method: str, note_status: Callable[[int], None]) -> Answer:
    answer = HTTPResponse(heard, method=method)  # type: ignore[arg-type]
    answer.begin()
    while answer.status < 200:
        # Only word that the answer is to come (RFC 9110 15.2).
        answer.headers = None  # type: ignore[assignment]
        answer.begin()
    note_status(answer.status)
    headers = answer.getheaders()
    body = answer.read(LONGEST_BODY)
    if answer.length or answer.read(1):
        raise HTTPException("An answer cut off, or without an end.")
    return Answer(answer.status, answer.reason, headers, body, answer.will_close)
