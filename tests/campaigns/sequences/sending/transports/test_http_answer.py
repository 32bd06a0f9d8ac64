"""An answer is read as http.client reads it, whichever of the two ways it takes."""

import socket
from http.client import HTTPException, HTTPResponse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.sequences.sending.transports import http_answer

TOKEN = st.text("abcXYZ019!#$%&'*+-.^_`|~", min_size=1, max_size=12)
#: Ends in no white space, which http.client keeps and nobody means.
VALUE = st.text(
    st.characters(min_codepoint=32, max_codepoint=255).filter(
        lambda c: not 127 <= ord(c) <= 160
    ),
    max_size=40,
).map(str.strip)
OF_ITS_OWN = {"content-length", "transfer-encoding", "connection"}
FIELD = st.tuples(TOKEN.filter(lambda name: name.lower() not in OF_ITS_OWN), VALUE)


def read(octets, by=http_answer.read):
    """What *by* makes of it: an answer and the status noted, or its exception."""
    ours, theirs = socket.socketpair()
    noted = []
    with ours, theirs:
        theirs.sendall(octets)
        theirs.shutdown(socket.SHUT_WR)
        try:
            return by(ours, "POST", noted.append), noted
        except HTTPException as error:
            return type(error), noted


def by_http_client(connection, method, note_status):
    answer = HTTPResponse(connection, method=method)
    answer.begin()
    while answer.status < 200:
        answer.headers = None
        answer.begin()
    note_status(answer.status)
    body = answer.read()
    fields = answer.getheaders()
    return http_answer.Answer(
        answer.status, answer.reason, fields, body, answer.will_close
    )


def in_one_go(monkeypatch):
    """Forbid the long way."""
    monkeypatch.setattr(http_answer, "_read_any", None)


@given(
    status=st.integers(200, 599).filter(lambda status: status not in {204, 304}),
    reason=VALUE,
    fields=st.lists(FIELD, max_size=20),
    body=st.binary(max_size=300),
    lengths=st.sampled_from(["Content-Length", "content-length"]),
    kept=st.sampled_from([[], [("Connection", "keep-alive")]]),
)
def test_a_usual_answer_is_read_in_one_go(status, reason, fields, body, lengths, kept):
    fields = [*fields, (lengths, str(len(body))), *kept]
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{k}: {v}" for k, v in fields), "\r\n"]
    octets = "\r\n".join(lines).encode("latin-1") + body
    with pytest.MonkeyPatch.context() as patch:
        in_one_go(patch)
        answer = read(octets)
    assert answer == read(octets, by_http_client)


ODD = {
    "in pieces": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    ),
    "of two kinds": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2\r\n{}\r\n0\r\n\r\n"
    ),
    "folded": b"HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 2\r\n\r\n{}",
    "two lengths": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 1\r\n\r\n{}"
    ),
    "lines ended otherwise": b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
    "one line ended otherwise": b"HTTP/1.1 200 OK\r\nX: 1\nContent-Length: 2\r\n\r\n{}",
    "of old": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "until its end": b"HTTP/1.1 200 OK\r\n\r\n{}",
    "the last": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
    "undecided": (
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: keep-alive\r\n"
        b"Content-Length: 2\r\n\r\n{}"
    ),
    "announced": (
        b"HTTP/1.1 103 Early Hints\r\nContent-Length: 2\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    ),
    "without a body": b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}",
    "without a reason": b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
    "a length below nothing": b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
    "a length with a sign": b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}",
    "a length that is none": b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n{}",
    "a name with a gap": b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}",
    "a line of nothing": b"HTTP/1.1 200 OK\r\nnothing\r\nContent-Length: 2\r\n\r\n{}",
    "too many headers": (
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 101 + b"Content-Length: 2\r\n\r\n{}"
    ),
    "a very long line": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n{}",
    "another protocol": b"220 mail.example ESMTP\r\n",
    "half a line": b"HTTP/1.1 2",
    "no status": b"HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\n{}",
    "nothing": b"",
}


@pytest.mark.parametrize("octets", ODD.values(), ids=ODD.keys())
def test_an_odd_one_is_read_by_http_client(octets):
    assert read(octets) == read(octets, by_http_client)


def test_a_body_that_comes_later_is_waited_for(monkeypatch):
    in_one_go(monkeypatch)
    monkeypatch.setattr(http_answer, "_PIECE", 50)
    octets = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + b"x" * 500
    answer, noted = read(octets)
    assert (answer.body, noted) == (b"x" * 500, [200])


def test_a_head_that_comes_in_parts_is_read_all_the_same(monkeypatch):
    monkeypatch.setattr(http_answer, "_PIECE", 7)
    octets = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    assert read(octets) == read(octets, by_http_client)


def test_of_one_cut_off_the_status_is_known():
    octets = b"HTTP/1.1 202 Accepted\r\nContent-Length: 500\r\n\r\nx"
    assert read(octets) == (HTTPException, [202])


def test_who_says_more_than_was_announced_is_not_asked_again():
    """Otherwise the rest would be read as the answer to the next message."""
    answer, _noted = read(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 500")
    assert answer.body == b"{}"
    assert answer.is_last


@pytest.mark.parametrize("length", [2_000_000, 10**12])
def test_no_more_is_read_than_an_answer_can_be(length):
    octets = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\nxx" % length
    assert read(octets)[0] is not None
    assert read(octets)[0] == HTTPException
