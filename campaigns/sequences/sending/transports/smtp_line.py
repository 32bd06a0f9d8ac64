"""One line to the SMTP server: called again whenever the connection is lost."""

import smtplib
from contextlib import suppress
from typing import cast

from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend

from .base import CredentialsRefused, Unreachable
from .smtp_session import Dropped, Session
from .talks import Talk

#: RFC 4954: log in first, or not like that.
CREDENTIALS = frozenset({530, 534, 535, 538})


class Line:
    """Django's backend makes the connection: it enforces STARTTLS or TLS as the
    settings say, checks the certificate and logs in."""

    def __init__(self) -> None:
        self._backend = cast(EmailBackend, get_connection(fail_silently=False))
        self.session: Session | None = None

    def call(self) -> Session:
        """The session, a new one if there is none. Raises `CredentialsRefused`, or
        `Unreachable`."""
        if self.session is None:
            self.session = self._connect()
        return self.session

    def check(self) -> Talk[None]:
        """After a rest: does anybody still listen? If not, it is hung up."""
        if self.session is None or not self.session.has_rested():
            return
        try:
            reply = yield from self.session.ask(b"RSET")
        except Dropped:
            self.hang_up()
        else:
            if not reply.is_positive:
                self.hang_up()

    def hang_up(self, *, politely: bool = False) -> None:
        if self.session is not None:
            self.session.close(politely=politely)
        self._forget()

    def _connect(self) -> Session:
        try:
            self._backend.open()
            connection = self._backend.connection
            if connection is None:
                raise Dropped("No connection.")
            connection.ehlo_or_helo_if_needed()
            return Session(connection)
        except smtplib.SMTPAuthenticationError as error:
            self._drop()
            if error.smtp_code in CREDENTIALS:
                raise CredentialsRefused(_words(error)) from error
            raise Unreachable(_words(error)) from error
        except (OSError, Dropped) as error:
            self._drop()
            raise Unreachable(type(error).__name__) from error

    def _drop(self) -> None:
        """Of one that was not logged in Django keeps hold, until the next call."""
        with suppress(OSError):
            self._backend.close()
        self._forget()

    def _forget(self) -> None:
        self.session = None
        self._backend.connection = None


def _words(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    return said.decode("ascii", "replace") if isinstance(said, bytes) else str(said)
