"""SMTP over one kept connection, pipelined where the server offers it.

The body of a message and the envelope of the next leave in one write: one round
trip a message instead of five. Each message has one recipient, and so one fate.
"""

import smtplib
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import structlog
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

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
from .smtp_session import Dropped, Session, stuff
from .smtp_talk import CLOSING, classify, introduce, write_envelope

log = structlog.get_logger(__name__)

#: So many connections lost over a message, one after the other, and we stop.
MOST_FAILURES = 3
#: RFC 4954: log in first, or not like that.
_CREDENTIALS = frozenset({530, 534, 535, 538})


class SmtpTransport(Transport):
    """Hands over to the server of ``EMAIL_HOST``; Django's backend connects to it.

    That one enforces STARTTLS or TLS as the settings say, checks the certificate
    and logs in.
    """

    name = "smtp"

    def __init__(self) -> None:
        self._backend = cast(EmailBackend, get_connection(fail_silently=False))
        server = f"{self._backend.host}-{self._backend.port}"
        self._places = Places(
            Path(settings.SPOOL_DIR), server, settings.MAIL_CONNECTIONS
        )
        self._session: Session | None = None
        self._failures = 0

    def open(self) -> None:
        self._places.take()
        try:
            if self._session is not None:
                self._session.check()
                return
        except Dropped:
            self._drop()
        self._session = self._connect()

    def prepare(self, letter: Letter) -> None:
        _ = letter.raw

    def send(self, letters: Sequence[Letter], gate: Gate) -> None:
        waiting = deque(letters)
        while self._forget_unwanted(waiting, gate):
            session = self._session or self._connect()
            self._session = session
            try:
                self._talk(session, waiting, gate)
            except Dropped as dropped:
                self._drop()
                self._judge(session, dropped)
            except BaseException:
                # Perhaps in the middle of a message: only hanging up is safe.
                self._drop()
                raise

    def rest(self) -> None:
        self._places.leave()

    def close(self) -> None:
        self.rest()
        if self._session is not None:
            self._session.close()
            self._forget_session()

    # -- The connection ------------------------------------------------------------

    def _connect(self) -> Session:
        try:
            self._backend.open()
            connection = self._backend.connection
            if connection is None:
                raise Dropped("No connection.")
            connection.ehlo_or_helo_if_needed()
            return Session(connection)
        except smtplib.SMTPAuthenticationError as error:
            self._forget_session()
            if error.smtp_code in _CREDENTIALS:
                raise CredentialsRefused(_words(error)) from error
            raise Unreachable(_words(error)) from error
        except (OSError, Dropped) as error:
            self._forget_session()
            raise Unreachable(type(error).__name__) from error

    def _drop(self) -> None:
        if self._session is not None:
            self._session.close(politely=False)
        self._forget_session()

    def _forget_session(self) -> None:
        self._session = None
        self._backend.connection = None

    def _judge(self, session: Session, dropped: Dropped) -> None:
        """Is it worth another connection?"""
        log.info("smtp_connection_lost", why=str(dropped), served=session.served)
        if self._failures >= MOST_FAILURES:
            self._failures = 0
            raise Unreachable(str(dropped)) from dropped

    # -- The messages --------------------------------------------------------------

    def _talk(self, session: Session, waiting: deque[Letter], gate: Gate) -> None:
        """Deal with *waiting* from its left; what was dealt with is taken out."""
        introduced = False
        while introduced or self._forget_unwanted(waiting, gate):
            letter = waiting[0]
            refused = self._introduce(session, waiting, gate, written=introduced)
            introduced = False
            if refused is not None:
                waiting.popleft()
                gate.end(letter, refused)
                continue
            waiting.popleft()
            if not gate.begin(letter):
                # The server waits for a message: hanging up is the only way out.
                raise Dropped("held back")
            introduced = self._hand_over(session, letter, waiting, gate)

    def _introduce(
        self,
        session: Session,
        waiting: deque[Letter],
        gate: Gate,
        *,
        written: bool,
    ) -> Result | None:
        """MAIL, RCPT and DATA; None when the server now waits for the message."""
        letter = waiting[0]
        try:
            reply = introduce(session, letter, written=written)
        except Dropped:
            if not session.served:
                # A new connection, and lost at once: perhaps it is this letter.
                self._failures += 1
                waiting.popleft()
                gate.end(letter, Result(Verdict.LATER, answer="connection lost"))
            raise
        session.served += 1
        if reply is None:
            return None
        if reply.code in _CREDENTIALS:
            raise CredentialsRefused(reply.text)
        return classify(reply)

    def _hand_over(
        self, session: Session, letter: Letter, waiting: deque[Letter], gate: Gate
    ) -> bool:
        """The message itself; whether the next one's envelope went with it."""
        body, envelope = stuff(letter.raw), b""
        if session.pipelines and self._forget_unwanted(waiting, gate):
            envelope = write_envelope(session, waiting[0])
        try:
            session.write(body + envelope)
            reply = session.read()
        except Dropped as dropped:
            gate.end(letter, self._break_off(dropped, len(body)))
            raise
        self._failures = 0
        gate.end(letter, classify(reply))
        if reply.code == CLOSING:
            raise Dropped(reply.text)
        return bool(envelope)

    def _break_off(self, dropped: Dropped, length: int) -> Result:
        self._failures += 1
        if 0 < dropped.written < length:
            # Its end has not left this computer, so nobody can have accepted it.
            return Result(Verdict.LATER, answer=str(dropped))
        return Result(Verdict.AMBIGUOUS, answer=str(dropped))

    def _forget_unwanted(self, waiting: deque[Letter], gate: Gate) -> bool:
        """Drop what is not to go out any more; is anything left?"""
        while waiting and not gate.wants(waiting[0]):
            waiting.popleft()
        return bool(waiting)


def _words(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    return said.decode("ascii", "replace") if isinstance(said, bytes) else str(said)
