"""How far a call to Amazon came decides between "not sent" and "nobody knows"."""

import socket
import struct
import threading
from contextlib import contextmanager
from functools import cache

import pytest
from boto3.session import Session

from campaigns.sequences.sending.transports import Unreachable, amazon
from onboarding import mail
from onboarding.env import Reader
from tests.campaigns.sequences.sending.transports.test_provider import (
    send,
    transport,
    write,
)
from tests.support.providers import Provider, Reply, running

__all__ = ["transport"]


@pytest.fixture(autouse=True)
def one_session_with_amazon(monkeypatch):
    """Its library reads megabytes of descriptions for each."""
    monkeypatch.setattr("boto3.session.Session", _one_session)


@cache
def _one_session(**params):
    return Session(**params)


@pytest.fixture
def use(settings):
    def use(url, **client):
        environment = Provider("amazon_ses").settings() | {"AMAZON_SES_API_URL": url}
        for name, value in mail.read_settings(Reader(environment)).items():
            setattr(settings, name, value)
        params = settings.ANYMAIL["AMAZON_SES_CLIENT_PARAMS"]
        params["config"] = {**params.get("config", {}), **client}

    return use


@contextmanager
def listening(talk):
    """The port of a server that has *talk* with whoever comes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            with connection:
                talk(connection)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


def read_request(connection):
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    return received


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def is_certain(transport):
    gate, trouble = send(transport(), write(1))
    assert gate.verdicts == {1: "withheld"}
    assert isinstance(trouble, Unreachable)


def is_unclear(transport):
    gate, _trouble = send(transport(), write(1))
    assert gate.verdicts == {1: "ambiguous"}


def test_a_refused_connection_is_certain(use, transport):
    use("http://127.0.0.1:1")
    is_certain(transport)


def test_a_name_that_nobody_has_is_certain(use, transport):
    use("https://email.invalid")
    is_certain(transport)


def test_a_server_that_lets_nobody_in_is_certain(use, transport):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        place = full.getsockname()
        queue = [socket.socket() for _ in range(4)]
        for one in queue:
            one.setblocking(False)
            one.connect_ex(place)
        use(f"http://127.0.0.1:{place[1]}", connect_timeout=0.3)
        is_certain(transport)
        for one in queue:
            one.close()


def test_a_failed_handshake_is_certain(use, transport):
    with listening(lambda wire: wire.sendall(b"220 mail.example\r\n")) as port:
        use(f"https://127.0.0.1:{port}")
        is_certain(transport)


def test_a_reset_once_it_was_read_is_unclear(use, transport):
    def talk(wire):
        read_request(wire)
        reset(wire)

    with listening(talk) as port:
        use(f"http://127.0.0.1:{port}")
        is_unclear(transport)


def test_a_reset_before_anybody_read_it_is_as_unclear(use, transport):
    """From here nobody can tell."""
    with listening(lambda wire: (wire.recv(1), reset(wire))) as port:
        use(f"http://127.0.0.1:{port}")
        is_unclear(transport)


def test_whoever_takes_it_and_never_answers_is_unclear(use, transport):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use(f"http://127.0.0.1:{silent.getsockname()[1]}", read_timeout=0.3)
        is_unclear(transport)


@pytest.fixture
def refusing_proxy(use, monkeypatch):
    """Does not let us through to Amazon."""
    said = []

    def talk(wire):
        said.append(read_request(wire))
        wire.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

    with listening(talk) as port:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
        use("https://email.example")
        yield said


def test_a_proxy_that_does_not_let_us_through_has_seen_no_message(
    refusing_proxy, transport
):
    is_certain(transport)
    assert [one.split()[0] for one in refusing_proxy] == [b"CONNECT"]


def test_by_its_exception_alone_nobody_knew(refusing_proxy, transport, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(amazon, "watch", lambda backend: False)
    is_unclear(transport)


def test_a_proxy_that_loses_the_answer_is_unclear(use, transport, monkeypatch):
    """Its exception may say that the proxy could not be reached."""

    def talk(wire):
        read_request(wire)
        reset(wire)

    with listening(talk) as port:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        use("http://127.0.0.1:9")
        is_unclear(transport)


def test_a_proxy_that_is_not_there_is_certain(use, transport, monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    use("https://email.example")
    is_certain(transport)


def test_a_message_that_its_library_refuses_is_its_own_fault(use, transport):
    with running(Provider("amazon_ses")) as provider:
        use(provider.url)
        broken = write(1)
        broken.message.from_email = "nobody"
        broken.message.extra_headers["X-Bad"] = "a\r\nb"
        gate, trouble = send(transport(), broken, write(2))
    assert gate.verdicts == {1: "refused", 2: "accepted"}
    assert trouble is None


def test_a_yes_is_a_yes_though_its_words_cannot_be_read(use, transport):
    def once(message):
        return Reply(200, "<html>", take=True)

    with running(Provider("amazon_ses", tricks=[once])) as provider:
        use(provider.url)
        gate, _trouble = send(transport(), write(1))
    assert gate.verdicts == {1: "accepted"}


def test_of_a_library_that_has_changed_nothing_is_believed():
    class Changed:
        client = object()

    assert not amazon.watch(Changed())
