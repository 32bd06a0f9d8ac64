"""The table of what answers mean, over Anymail's real classes and a real session."""

from smtplib import (
    SMTPConnectError,
    SMTPDataError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from socket import gaierror

import pytest
import requests
from anymail.exceptions import (
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailRequestsAPIError,
)
from anymail.message import AnymailMessage, AnymailRecipientStatus, AnymailStatus
from django.core.exceptions import ImproperlyConfigured
from requests.adapters import BaseAdapter
from requests.exceptions import SSLError
from urllib3.exceptions import MaxRetryError
from urllib3.exceptions import SSLError as HandshakeError

from campaigns.sequences.sending.transports import CredentialsRefused, Unreachable
from campaigns.sequences.sending.transports.answers import (
    classify_error,
    classify_message,
)
from campaigns.sequences.sending.transports.django import DjangoTransport
from campaigns.sequences.sending.transports.http_calls import Call

from .test_smtp import OpenGate, write


def answer(status, text="{}", **headers):
    response = requests.Response()
    response.status_code = status
    response._content = text.encode()
    response.headers.update(headers)
    response.reason = ""
    return response


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, "accepted"),
        (202, "accepted"),
        (400, "refused"),
        (401, "withheld"),
        (403, "withheld"),
        (404, "later"),
        (408, "ambiguous"),
        (409, "ambiguous"),
        (413, "refused"),
        (422, "refused"),
        (429, "later"),
        (500, "ambiguous"),
        (502, "ambiguous"),
        (503, "ambiguous"),
        (504, "ambiguous"),
    ],
)
def test_what_an_http_status_means(status, verdict):
    error = AnymailRequestsAPIError("", response=answer(status))
    assert classify_error(error).verdict == verdict


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        (
            {
                "Retry-After": "Mon, 23 Nov 2026 08:05:00 GMT",
                "Date": "Mon, 23 Nov 2026 08:00:00 GMT",
            },
            300,
        ),
        ({"Retry-After": "999999999"}, 86_400),
    ],
)
def test_how_long_to_wait_is_obeyed(said, seconds):
    result = classify_error(AnymailRequestsAPIError("", response=answer(429, **said)))
    assert result.retry_after.total_seconds() == seconds


@pytest.mark.parametrize("said", [{}, {"Retry-After": "soon"}])
def test_no_readable_wait_leaves_our_own(said):
    error = AnymailRequestsAPIError("", response=answer(429, **said))
    assert classify_error(error).retry_after is None


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (AnymailRecipientsRefused(), "refused"),
        (AnymailInvalidAddress(), "refused"),
        (ImproperlyConfigured(), "withheld"),
        (ConnectionRefusedError(), "withheld"),
        (gaierror(), "withheld"),
        (requests.ConnectTimeout(), "withheld"),
        (requests.ReadTimeout(), "ambiguous"),
        (requests.ConnectionError("Connection aborted."), "ambiguous"),
        (ConnectionResetError(), "ambiguous"),
        (TimeoutError(), "ambiguous"),
        (KeyError(), "ambiguous"),
        (SMTPConnectError(421, b""), "withheld"),
        (SMTPServerDisconnected(), "ambiguous"),
        (SMTPDataError(552, b"full"), "refused"),
        (SMTPDataError(451, b"later"), "later"),
        (SMTPSenderRefused(550, b"no", "me"), "refused"),
        (SMTPRecipientsRefused({"a@b": (450, b"grey")}), "later"),
        (SMTPRecipientsRefused({"a@b": (550, b"no")}), "refused"),
    ],
)
def test_what_an_error_means(error, verdict):
    assert classify_error(error).verdict == verdict


def posted_to(url):
    """The error that Anymail makes of a real failure to post to *url*."""
    try:
        requests.post(url, timeout=0.5)
    except requests.RequestException as error:
        kind = type("Both", (AnymailRequestsAPIError, type(error)), {})
        try:
            raise kind("Error posting") from error
        except AnymailRequestsAPIError as raised:
            return raised


def test_a_refused_connection_and_an_unknown_name_are_definite():
    assert classify_error(posted_to("http://127.0.0.1:1/")).verdict == "withheld"
    assert classify_error(posted_to("http://no.invalid/")).verdict == "withheld"


@pytest.mark.parametrize(
    ("written", "verdict"), [(False, "withheld"), (True, "ambiguous")]
)
def test_broken_tls_is_definite_only_before_the_message(written, verdict):
    """urllib3, which speaks through proxies, tells both in the same words."""
    broken = MaxRetryError(None, "/", HandshakeError("bad record"))
    call = Call(written=written)
    assert classify_error(SSLError(broken), call).verdict == verdict


def test_a_failed_handshake_is_definite(smtp):
    # It answers, though not in TLS.
    error = posted_to(f"https://127.0.0.1:{smtp.port}/")
    assert classify_error(error).verdict == "withheld"


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("sent", "accepted"),
        ("queued", "accepted"),
        ("unknown", "accepted"),
        ("rejected", "refused"),
        ("invalid", "refused"),
        ("failed", "refused"),
    ],
)
def test_what_the_status_of_a_recipient_means(status, verdict):
    message = AnymailMessage(to=["ana@company.example"])
    message.anymail_status = AnymailStatus()
    message.anymail_status.set_recipient_status(
        {"ana@company.example": AnymailRecipientStatus("provider-7", status)}
    )
    result = classify_message(message, 1)
    assert result.verdict == verdict
    assert verdict != "accepted" or result.provider_id == "provider-7"


def test_a_backend_that_takes_nothing_is_asked_again():
    assert classify_message(AnymailMessage(), 0).verdict == "later"


class Provider(BaseAdapter):
    """Answers a session's requests from a list."""

    def __init__(self, answers):
        super().__init__()
        self.answers = list(answers)
        self.asked = 0

    def send(self, request, **options):
        self.asked += 1
        given = self.answers.pop(0)
        if isinstance(given, Exception):
            raise given
        given.request, given.url = request, request.url
        return given

    def close(self):
        pass


@pytest.fixture
def provider(settings, monkeypatch):
    """Resend's backend of Anymail, whose answers the test gives."""
    settings.EMAIL_BACKEND = "anymail.backends.resend.EmailBackend"
    settings.ANYMAIL = {"RESEND_API_KEY": "key"}
    adapter = Provider([])
    create = requests.Session.__init__

    def connect(session):
        create(session)
        session.mount("https://", adapter)

    monkeypatch.setattr(requests.Session, "__init__", connect)
    return adapter


def letter(number):
    one = write(number)
    one.make_message = lambda: AnymailMessage(
        subject="Hello",
        body="Hello.",
        from_email="hello@distributor.example",
        to=[one.recipient],
    )
    return one


def send(provider, *answers):
    provider.answers = list(answers)
    transport, gate = DjangoTransport(), OpenGate()
    try:
        transport.send([letter(n) for n in range(len(answers))], gate)
    except (Unreachable, CredentialsRefused) as error:
        return gate, type(error).__name__
    return gate, ""


def test_a_provider_is_called_once_for_each_letter(provider):
    gate, trouble = send(
        provider,
        answer(200, '{"id": "re_1"}'),
        answer(422, '{"message": "no such address"}'),
        answer(200, "<html>fine</html>"),
        answer(429, "{}", **{"Retry-After": "30"}),
    )
    assert list(gate.verdicts.values()) == ["accepted", "refused", "accepted", "later"]
    assert gate.results[0].provider_id == "re_1"
    assert "no such address" in gate.results[1].answer
    assert trouble == ""


def test_a_refused_key_stops_after_one_letter(provider):
    gate, trouble = send(provider, answer(401), answer(200, '{"id": "x"}'))
    assert gate.verdicts == {0: "withheld"}
    assert trouble == "CredentialsRefused"
    assert provider.asked == 1


def test_three_unclear_answers_in_a_row_are_enough(provider):
    gate, trouble = send(provider, *[answer(503)] * 5)
    assert list(gate.verdicts.values()) == ["ambiguous"] * 3
    assert trouble == "Unreachable"


def test_single_unclear_answers_are_not(provider):
    fine = answer(200, '{"id": "x"}')
    gate, trouble = send(provider, answer(503), fine, requests.ReadTimeout(), fine)
    assert list(gate.verdicts.values()) == [
        "ambiguous",
        "accepted",
        "ambiguous",
        "accepted",
    ]
    assert trouble == ""
