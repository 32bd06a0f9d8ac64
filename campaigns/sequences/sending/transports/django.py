"""Any e-mail backend of Django, Anymail's among them, one message a call.

The backend is kept open, and with it a provider's HTTP connection.
"""

import smtplib
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from .answers import (
    classify_error,
    classify_message,
    proves_credentials_wrong,
    proves_unreachable,
)
from .base import (
    CredentialsRefused,
    Gate,
    Letter,
    Result,
    Transport,
    Unreachable,
    Verdict,
)

#: So many messages in a row without a clear answer, and we stop guessing.
MOST_AMBIGUOUS = 3


class DjangoTransport(Transport):
    def __init__(self) -> None:
        # "anymail.backends.brevo.EmailBackend" is "brevo" in the deliveries.
        self.name = settings.EMAIL_BACKEND.rsplit(".", 2)[-2][:40]
        self._backend: BaseEmailBackend | None = None
        self._ambiguous = 0

    def open(self) -> None:
        if self._backend is not None:
            return
        backend = get_connection(fail_silently=False)
        try:
            backend.open()
        except smtplib.SMTPAuthenticationError as error:
            raise CredentialsRefused(type(error).__name__) from error
        except OSError as error:
            raise Unreachable(type(error).__name__) from error
        self._backend = backend

    def send(self, letters: Sequence[Letter], gate: Gate) -> None:
        self.open()
        for letter in letters:
            if not gate.wants(letter) or not gate.begin(letter):
                continue
            result = self._hand_over(letter.message)
            gate.end(letter, result)
            self._judge(result)

    def close(self) -> None:
        if self._backend is not None:
            self._backend.close()
            self._backend = None

    def _hand_over(self, message: EmailMessage) -> Result:
        if self._backend is None:
            raise Unreachable("The backend was closed.")
        try:
            taken = self._backend.send_messages([message])
        except Exception as error:  # noqa: BLE001 - each backend has its own
            return classify_error(error)
        return classify_message(message, taken)

    def _judge(self, result: Result) -> None:
        if proves_credentials_wrong(result):
            raise CredentialsRefused(result.answer)
        if proves_unreachable(result):
            raise Unreachable(result.answer)
        if result.verdict is not Verdict.AMBIGUOUS:
            self._ambiguous = 0
            return
        self.close()
        self._ambiguous += 1
        if self._ambiguous >= MOST_AMBIGUOUS:
            self._ambiguous = 0
            raise Unreachable(result.answer)
        self.open()
