"""Mail and password never leave in the clear, whatever stands between."""

from functools import cache

import pytest

from campaigns.sequences.sending.transports import Unreachable, make
from tests.support import certificates
from tests.support.smtp_sink import Reply

from .test_smtp import send, write


@cache
def certificate(folder):
    return certificates.make(folder)


@pytest.fixture
def trusted(tmp_path_factory, monkeypatch):
    """A server's context whose certificate this process trusts."""
    path = certificate(tmp_path_factory.getbasetemp())
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return certificates.serve(path)


@pytest.fixture(params=["STARTTLS", "from the start"])
def encrypted(request, smtp, settings, trusted):
    smtp.tls = trusted
    smtp.from_the_start = request.param == "from the start"
    settings.EMAIL_USE_SSL = smtp.from_the_start
    settings.EMAIL_USE_TLS = not smtp.from_the_start
    return smtp


@pytest.fixture
def transport(smtp):
    made = []

    def begin():
        made.append(make())
        return made[-1]

    yield begin
    for one in made:
        one.close()


def test_letters_go_out_over_one_encrypted_connection(encrypted, transport):
    gate = send(
        transport(), *[write(n, b"x: y\r\n\r\n" + b"z" * 300_000) for n in (1, 2)]
    )
    assert gate.verdicts == {1: "accepted", 2: "accepted"}
    assert encrypted.connections == 1
    assert [len(mail.raw) > 300_000 for mail in encrypted.mails] == [True, True]


def test_a_server_that_offers_no_encryption_gets_nothing(smtp, settings, transport):
    """As when somebody in between has taken STARTTLS out of the server's offer."""
    settings.EMAIL_USE_TLS = True
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "secret"
    with pytest.raises(Unreachable):
        transport().open()
    assert smtp.mails == []
    assert {line[:4].upper() for line in smtp.dialogue} <= {"EHLO", "QUIT"}


def test_a_server_that_refuses_to_encrypt_gets_nothing(smtp, settings, transport):
    settings.EMAIL_USE_TLS = True
    smtp.extensions = ("STARTTLS",)
    smtp.tricks.append(lambda at, _to: Reply("454 not now") if at == "STAR" else None)
    with pytest.raises(Unreachable):
        transport().open()
    assert {line[:4].upper() for line in smtp.dialogue} <= {"EHLO", "QUIT", "STAR"}


def test_without_that_rule_it_would_go_out_in_the_clear(smtp, settings, transport):
    """The negative control: the same server, and nobody asked for encryption."""
    settings.EMAIL_USE_TLS = False
    send(transport(), write(1))
    assert len(smtp.mails) == 1


def test_whoever_answers_with_a_certificate_of_his_own_gets_nothing(
    encrypted, transport, monkeypatch
):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Unreachable):
        transport().open()
    assert encrypted.mails == []


def test_what_is_said_before_encryption_is_not_believed(
    smtp, settings, transport, trusted
):
    """Somebody in between may add answers to the clear part of the talk."""
    smtp.tls, settings.EMAIL_USE_TLS = trusted, True
    smtp.early = "\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go on\r\n250 taken"
    smtp.tricks.append(lambda at, _to: Reply("550 no") if at == "END" else None)
    gate = send(transport(), write(1))
    assert gate.verdicts == {1: "refused"}
