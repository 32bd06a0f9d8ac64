"""The usual answers are taken at once; whatever else comes, the outcome is the same."""

import re
import ssl
from contextlib import suppress
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.sequences.sending.transports import CredentialsRefused, smtp_session
from campaigns.sequences.sending.transports.smtp import SmtpTransport, _Letters
from campaigns.sequences.sending.transports.smtp_session import Dropped, Session
from tests.campaigns.sequences.sending.transports.test_smtp import OpenGate, write

COMMANDS = re.compile(rb"RSET\r\n|MAIL [^\r]*\r\n|RCPT [^\r]*\r\n|DATA\r\n|\.\r\n")
NEVER = re.compile(rb"(?!)").match

usual = {
    b"RSET": b"250 ok\r\n",
    b"MAIL": b"250 2.1.0 ok\r\n",
    b"RCPT": b"250 2.1.5 ok\r\n",
    b"DATA": b"354 go on\r\n",
    b".\r\n": b"250 2.0.0 taken\r\n",
}
odd = st.sampled_from(
    [
        b"250 ok\r\n",
        b"250\r\n",
        b"251 will forward\n",
        b"250-two\r\n250 lines\r\n",
        b"354 go on\r\n",
        b"354-go\r\n354 on\r\n",
        b"299 x\r\n",
        b"25O not a number\r\n",
        b"421 4.3.2 closing\r\n",
        b"450 4.2.0 greylisted\r\n",
        b"550 5.1.1 no such user\r\n",
        b"550-5.1.1 no\r\n550 such user\r\n",
        b"530 log in first\r\n",
        b"250 a\rb\x00\xff\r\n",
        b"\r\n",
        b"2500 ok\r\n",
        b"25 0\r\n",
    ]
)


class Peer:
    """A server that answers each command by its script, in pieces, and hangs up
    when it is asked for more."""

    def __init__(self, script, pieces):
        self.script, self.pieces = iter(script), iter(pieces)
        self.heard, self.said = b"", b""

    def send(self, data):
        self.heard += bytes(data)
        for command in COMMANDS.findall(bytes(data)):
            self.said += next(self.script, None) or usual[command[:4]]
        return len(data)

    def recv(self, _most):
        piece = next(self.pieces, 4096)
        if not piece:
            raise BlockingIOError
        said, self.said = self.said[:piece], self.said[piece:]
        return said

    def setsockopt(self, *_ignored):
        return None

    def setblocking(self, _flag):
        return None


def hold_talk(script, pieces):
    """All that can be seen of a talk about four letters."""
    peer, gate, fault = Peer(script, pieces), OpenGate(), ""
    session = Session(SimpleNamespace(sock=peer, has_extn=lambda name: True))
    letters = [write(n, raw=b"x\r\n") for n in range(4)]
    for letter in letters:
        letter.raw = b"x: %d\r\n" % letter.delivery_id
    left = _Letters(letters, gate)
    try:
        for _wait in SmtpTransport()._talk(session, left, gate):
            continue
    except (Dropped, CredentialsRefused) as error:
        fault = repr(error)
    rest = [letter.delivery_id for letter in left._waiting]
    return gate.begun, gate.results, rest, peer.heard, fault, session.served


@pytest.fixture(autouse=True, scope="module")
def _servers_name():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.EMAIL_HOST", "localhost")
        yield


def without_the_usual(call, *arguments):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(smtp_session, "_SHORT", NEVER)
        patch.setattr(smtp_session, "_WELCOME", NEVER)
        return call(*arguments)


@settings(max_examples=400)
@given(
    st.lists(st.none() | st.none() | odd, max_size=20),
    st.lists(st.integers(0, 60), max_size=40),
)
def test_taken_at_once_or_line_by_line_the_outcome_is_the_same(script, pieces):
    quick = hold_talk(script, pieces)
    assert quick == without_the_usual(hold_talk, script, pieces)


def test_the_usual_answers_are_taken_at_once():
    """Else the comparison above would compare the careful way with itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "_read_lines", None)
        begun, results, *_rest, served = hold_talk([], [])
    assert begun == [0, 1, 2, 3]
    assert {str(one.verdict) for one in results.values()} == {"accepted"}
    assert served == 4


def test_whoever_took_any_answer_for_the_usual_would_be_found_out():
    """The negative control: a welcome that does not look at the codes."""
    script = [None] * 4 + [None, b"550 no such user\r\n", None]
    lax = re.compile(rb"(?:[^\n]*\n){3}").match
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(smtp_session, "_WELCOME", lax)
        found = hold_talk(script, [])
    assert found != without_the_usual(hold_talk, script, [])


class Receipts(Peer):
    """Counts how often it is told to confirm at once."""

    told = 0

    def setsockopt(self, _level, option, _value):
        self.told += option == smtp_session._QUICKACK


@pytest.mark.skipif(smtp_session._QUICKACK is None, reason="nothing to set here")
@pytest.mark.parametrize(("pieces", "told"), [([], 0), ([10], 1), ([10, 10], 2)])
def test_receipt_of_a_part_is_confirmed_at_once(pieces, told):
    """A server may hold back the rest until then, which takes 40 ms."""
    peer = Receipts([], pieces)
    session = Session(SimpleNamespace(sock=peer, has_extn=lambda name: True))
    talk = session.write(
        b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
    )
    with suppress(StopIteration):
        next(talk)
    for _reply in range(3):
        with suppress(StopIteration):
            next(session.read())
    assert peer.told == told


class Encrypted(Peer):
    """What has been said is decrypted at once, and no event of the socket any more."""

    def pending(self):
        return len(self.said)

    def recv(self, most):
        if not self.said:
            raise ssl.SSLWantReadError
        return super().recv(most)


def count_waits(peer):
    """Of a talk that hears two answers to its first command, and asks once more."""
    session = Session(SimpleNamespace(sock=peer, has_extn=lambda name: True))
    talks = [session.write, session.read, session.write, session.read]
    return sum(
        len(list(talk(b"DATA\r\n") if talk == session.write else talk()))
        for talk in talks
    )


def make_talkative():
    answer = b"250 ok\r\n"
    return Encrypted([answer * 2], [len(answer)])


def test_with_tls_nobody_waits_for_what_is_decrypted_already():
    assert count_waits(make_talkative()) == 0


def test_without_asking_what_is_decrypted_it_would_wait():
    """The negative control: for what has come already, and so perhaps for ever."""
    peer = make_talkative()
    peer.pending = lambda: 0
    assert count_waits(peer) > 0


@given(
    st.lists(st.none() | st.none() | odd, max_size=20),
    st.lists(st.integers(1, 60), max_size=40),
)
def test_with_tls_the_outcome_is_the_same(script, pieces):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Peer, "pending", Encrypted.pending, raising=False)
        encrypted = hold_talk(script, pieces)
    assert encrypted == hold_talk(script, pieces)
