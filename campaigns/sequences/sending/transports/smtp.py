"""SMTP over kept connections, pipelined where the server offers it.

The body of a message and the envelope of the next leave in one write: one round
trip a message instead of five. A server that is slow to answer is spoken to on
several lines at a time. Each message has one recipient, and so one fate.
"""

import time
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path

import structlog
from django.conf import settings

from . import talks
from .base import (
    CredentialsRefused,
    Gate,
    Letter,
    Result,
    Transport,
    Unreachable,
    Verdict,
)
from .places import Places
from .smtp_line import CREDENTIALS, Line
from .smtp_session import Dropped, Session, stuff
from .smtp_talk import CLOSING, classify, introduce, write_envelope
from .talks import Talk

log = structlog.get_logger(__name__)

#: So many connections lost over a message, one after the other, and we stop.
MOST_FAILURES = 3
#: More lines would not find enough to carry in a chunk of 64.
MOST_LINES = 16
#: Who spends so much of the time waiting for answers has the time for more lines.
_IDLE = 0.5
#: And so many seconds for each letter: a server that is close needs one line.
_SLOW = 0.002
#: With so many letters at a time two lines are better than one, however near the
#: server is: what goes out on one need not sleep until the other is answered.
_FULL = 48
#: A server that refused one more line is not asked for more for so many seconds.
_REFUSED_FOR = 300.0
_USUAL_PATIENCE = 60.0


class _Letters:
    """What is left of a chunk, for all lines; ``trouble`` keeps the rest here."""

    def __init__(self, letters: Iterable[Letter], gate: Gate) -> None:
        self._waiting = deque(letters)
        self._gate = gate
        self.trouble: Exception | None = None

    def __bool__(self) -> bool:
        """Is one left that is still to go out? Drops those that are not."""
        while self._waiting and self.trouble is None:
            if self._gate.wants(self._waiting[0]):
                return True
            self._waiting.popleft()
        return False

    def next(self) -> Letter | None:
        return self._waiting.popleft() if self else None

    def put_back(self, letter: Letter | None) -> None:
        if letter is not None:
            self._waiting.appendleft(letter)

    def stop(self, trouble: Exception) -> None:
        """Nothing more begins; refused credentials are the worse trouble."""
        if self.trouble is None or isinstance(trouble, CredentialsRefused):
            self.trouble = trouble


class SmtpTransport(Transport):
    """Hands over to the server of ``EMAIL_HOST``."""

    name = "smtp"

    def __init__(self) -> None:
        server = f"{settings.EMAIL_HOST}-{settings.EMAIL_PORT}"
        self._places = Places(
            Path(settings.SPOOL_DIR), server, settings.MAIL_CONNECTIONS
        )
        self._lines = [Line()]
        self._refused_until = 0.0
        self._failures = self._carrying = 0

    def open(self) -> None:
        self._places.take(len(self._lines))
        connected = [line for line in self._lines if line.session is not None]
        first = (connected or self._lines)[0]
        try:
            talks.hold([first.check()], _patience())
            first.call()
        except BaseException:
            # Who cannot send must not keep the place of one who might.
            self.rest()
            raise

    def prepare(self, letter: Letter) -> None:
        _ = letter.raw

    def send(self, letters: Sequence[Letter], gate: Gate) -> None:
        left = _Letters(letters, gate)
        lines = self._call(self._lines[: self._places.take(len(self._lines))], left)
        began = time.monotonic()
        idle = talks.hold(
            [self._carry(line, left, gate) for line in lines], _patience()
        )
        if left.trouble is not None:
            raise left.trouble
        enough = max(_IDLE * (time.monotonic() - began), _SLOW * len(letters))
        if len(letters) > len(lines) and idle > enough:
            self._add_lines(4 * len(self._lines))
        elif len(letters) >= _FULL and len(self._lines) == 1:
            self._add_lines(2)

    def rest(self) -> None:
        self._places.leave()

    def close(self) -> None:
        self.rest()
        for line in self._lines:
            line.hang_up(politely=True)
        del self._lines[1:]
        self._refused_until = 0.0

    # -- The lines -----------------------------------------------------------------

    def _add_lines(self, wanted: int) -> None:
        """As many as that in all, as far as there are places for them."""
        if time.monotonic() < self._refused_until:
            return
        wanted = min(wanted, MOST_LINES)
        free = min(wanted, self._places.take(wanted))
        self._lines += [Line() for _ in range(free - len(self._lines))]

    def _call(self, lines: Sequence[Line], left: _Letters) -> list[Line]:
        """Those that are connected. The others are called first: while one is, and a
        server may take seconds to greet, nobody else hears his answer."""
        try:
            for line in lines:
                if left:
                    line.call()
        except Unreachable:
            # A server may not want so many of us; those it has taken go on.
            connected = [line for line in self._lines if line.session is not None]
            if not connected:
                raise
            self._lines = connected
            self._refused_until = time.monotonic() + _REFUSED_FOR
        return [line for line in lines if line.session is not None]

    def _carry(self, line: Line, left: _Letters, gate: Gate) -> Talk[None]:
        """Letters over *line*, until none is left or it is lost; the last line is
        called again."""
        self._carrying += 1
        try:
            yield from line.check()
            while left and (line.session is not None or self._carrying == 1):
                try:
                    yield from self._talk(line.call(), left, gate)
                except Dropped as dropped:
                    line.hang_up()
                    self._note_loss(dropped)
        except (Unreachable, CredentialsRefused) as trouble:
            line.hang_up()
            left.stop(trouble)
        except Exception as fault:  # noqa: BLE001 - `send` raises it
            # Perhaps in the middle of a message: only hanging up is safe. What is
            # under way on other lines is waited for.
            line.hang_up()
            left.stop(fault)
        except BaseException:
            line.hang_up()
            raise
        finally:
            self._carrying -= 1

    def _note_loss(self, dropped: Dropped) -> None:
        """After messages were lost, too, one line finds out for all of them."""
        log.info("smtp_connection_lost", why=str(dropped))
        if self._carrying == 1 and self._failures >= MOST_FAILURES:
            self._failures = 0
            raise Unreachable(str(dropped)) from dropped

    # -- The messages --------------------------------------------------------------

    def _talk(self, session: Session, left: _Letters, gate: Gate) -> Talk[None]:
        letter, written = left.next(), False
        while letter is not None:
            if written and session.has_welcome():
                session.served += 1
                refused = None
            else:
                refused = yield from self._introduce(
                    session, letter, left, gate, written
                )
            if refused is not None:
                gate.end(letter, refused)
                letter, written = left.next(), False
            else:
                letter, written = yield from self._hand_over(
                    session, letter, left, gate
                )

    def _introduce(
        self,
        session: Session,
        letter: Letter,
        left: _Letters,
        gate: Gate,
        written: bool,
    ) -> Talk[Result | None]:
        """MAIL, RCPT and DATA, if they are not *written*; None when the server now
        waits for the message."""
        try:
            reply = yield from introduce(session, letter, written=written)
        except Dropped:
            if session.served:
                left.put_back(letter)
            else:
                # A new connection, and lost at once: perhaps it is this letter.
                self._failures += 1
                gate.end(letter, Result(Verdict.LATER, answer="connection lost"))
            raise
        session.served += 1
        if reply is None:
            return None
        if reply.code in CREDENTIALS:
            raise CredentialsRefused(reply.text)
        return classify(reply)

    def _hand_over(
        self, session: Session, letter: Letter, left: _Letters, gate: Gate
    ) -> Talk[tuple[Letter | None, bool]]:
        """The message itself; the next one, and whether its envelope went with it."""
        following, envelope = left.next(), b""
        if following is not None and session.pipelines:
            envelope = write_envelope(session, following)
        body = stuff(letter.raw, envelope)
        if not gate.begin(letter):
            left.put_back(following)
            # The server waits for a message: hanging up is the only way out.
            raise Dropped("held back")
        try:
            yield from session.write(body)
            reply = yield from session.read()
        except Dropped as dropped:
            gate.end(letter, self._break_off(dropped, len(body) - len(envelope)))
            left.put_back(following)
            raise
        self._failures = 0
        gate.end(letter, classify(reply))
        if reply.code == CLOSING:
            left.put_back(following)
            raise Dropped(reply.text)
        return following, bool(envelope)

    def _break_off(self, dropped: Dropped, length: int) -> Result:
        self._failures += 1
        if 0 < dropped.written < length:
            # Its end has not left this computer, so nobody can have accepted it.
            return Result(Verdict.LATER, answer=str(dropped))
        return Result(Verdict.AMBIGUOUS, answer=str(dropped))


def _patience() -> float:
    """Seconds for one answer."""
    return settings.EMAIL_TIMEOUT or _USUAL_PATIENCE
