"""What is said in SMTP before a message, and what the answers mean."""

import re

from campaigns.messages.wire import Written

from .base import Letter, Result, Verdict
from .smtp_session import Dropped, Reply, Session
from .talks import Talk

#: The server closes the connection after this reply (RFC 5321 4.2.1).
CLOSING = 421
_GO_ON = 354
_ANSWER_LIMIT = 300
_PATH = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
_NO_PATH = Reply(553, b"The address cannot be written in SMTP.")


def introduce(session: Session, letter: Letter, *, written: bool) -> Talk[Reply | None]:
    """MAIL, RCPT and DATA for *letter*; None when its message is waited for.

    *written* when the envelope went out with the message before.
    """
    if not _PATH.fullmatch(letter.recipient):
        return _NO_PATH
    if not session.pipelines:
        return (yield from _introduce_slowly(session, letter))
    reset = session.is_dirty and not written
    if not written:
        yield from session.write(write_envelope(session, letter))
    if reset:
        _expect((yield from session.read()))
        session.is_dirty = False
    sender = yield from session.read()
    recipient = yield from session.read()
    data = yield from session.read()
    return (yield from _weigh(session, [sender, recipient], data))


def write_envelope(session: Session, letter: Letter) -> bytes:
    if not _PATH.fullmatch(letter.recipient):
        return b""
    commands = _commands(session, letter)
    if session.is_dirty:
        commands = [b"RSET", *commands]
    return b"\r\n".join([*commands, b""])


def classify(reply: Reply) -> Result:
    """What the answer to a message, or to its envelope, means for it."""
    code, answer = str(reply.code), reply.text[:_ANSWER_LIMIT]
    if 200 <= reply.code < 300:
        return Result(Verdict.ACCEPTED, code, answer)
    if 400 <= reply.code < 500:
        return Result(Verdict.LATER, code, answer)
    if 500 <= reply.code < 600:
        return Result(Verdict.REFUSED, code, answer)
    return Result(Verdict.AMBIGUOUS, code, answer)


def _commands(session: Session, letter: Letter) -> list[bytes]:
    announced = b" BODY=8BITMIME" if _has_eight_bits(session, letter) else b""
    return [
        b"MAIL FROM:<%b>%b" % (letter.sender.encode("ascii"), announced),
        b"RCPT TO:<%b>" % letter.recipient.encode("ascii"),
        b"DATA",
    ]


def _has_eight_bits(session: Session, letter: Letter) -> bool:
    # Ours never has: to read all of it would take longer than to announce it.
    if not session.takes_eight_bits or type(letter.raw) is Written:
        return False
    return not letter.raw.isascii()


def _introduce_slowly(session: Session, letter: Letter) -> Talk[Reply | None]:
    if session.is_dirty:
        _expect((yield from session.ask(b"RSET")))
        session.is_dirty = False
    mail, rcpt, data = _commands(session, letter)
    for command in (mail, rcpt):
        reply = yield from session.ask(command)
        if not reply.is_positive:
            return _refused(session, reply)
    answer = yield from session.ask(data)
    return (yield from _weigh(session, [], answer))


def _weigh(session: Session, before: list[Reply], data: Reply) -> Talk[Reply | None]:
    wrong = next((reply for reply in before if not reply.is_positive), None)
    if data.code == _GO_ON:
        if wrong is None:
            return None
        # It waits for a message although nobody is to get it: an empty one.
        yield from session.ask(b".")
    return _refused(session, wrong or data)


def _refused(session: Session, reply: Reply) -> Reply:
    if reply.code == CLOSING:
        raise Dropped(reply.text)
    if reply.is_positive:
        raise Dropped("DATA was answered out of turn.")
    session.is_dirty = True
    return reply


def _expect(reply: Reply) -> None:
    if not reply.is_positive:
        raise Dropped("RSET was refused.")
