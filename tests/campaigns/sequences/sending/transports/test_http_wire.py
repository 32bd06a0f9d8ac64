"""Our own HTTP against a server that answers as it is told, byte for byte."""

import socket
import threading
from contextlib import contextmanager

import pytest
import requests
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import InvalidHeader, SSLError

from campaigns.sequences.sending.transports import Verdict, http_calls, http_wire
from campaigns.sequences.sending.transports.answers import classify_error
from tests.support import certificates

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Server:
    """Answers each request of each connection with the next of *answers*."""

    def __init__(self, *answers, then_close=False, tls=None):
        self.answers = list(answers)
        self.then_close = then_close
        self.tls = tls
        self.requests = []
        self.connections = 0
        self.gone = threading.Event()

    def serve(self, listener):
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            while request := self.read(connection):
                self.requests.append(request)
                connection.sendall(self.answers.pop(0))
                if self.then_close:
                    break
        except OSError:
            return
        finally:
            connection.close()
            self.gone.set()

    def read(self, connection):
        received = b""
        while b"\r\n\r\n" not in received:
            if not (more := connection.recv(65536)):
                return b""
            received += more
        head, _end, body = received.partition(b"\r\n\r\n")
        lengths = (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        length = next(lengths, 0)
        while len(body) < length:
            body += connection.recv(65536)
        return head + b"\r\n\r\n" + body


@contextmanager
def serving(server):
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=server.serve, args=(listener,), daemon=True).start()
    session = requests.Session()
    scheme = "https" if server.tls else "http"
    url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/send?to=all"
    http_calls.take_over(session, url, 4)
    try:
        yield session, url
    finally:
        session.close()
        listener.close()


def test_what_is_asked_arrives_as_it_is(settings):
    server = Server(PLAIN)
    with serving(server) as (session, url):
        answer = session.post(url, data="ñ", headers={"X-Key": "1"}, timeout=(5, 5))
    assert (answer.status_code, answer.json()) == (200, {})
    head, _end, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == "ñ".encode()
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /send?to=all HTTP/1.1"
    assert f"Host: {url.split('/')[2]}" in lines
    assert {"X-Key: 1", "Content-Length: 2", "Accept-Encoding: identity"} <= {*lines}


def test_a_connection_is_kept_for_the_next_call():
    server = Server(PLAIN, PLAIN)
    with serving(server) as (session, url):
        assert [session.post(url, data=b"x").status_code for _ in "ab"] == [200, 200]
    assert server.connections == 1


def test_one_that_the_server_has_closed_is_not_used_again():
    """Otherwise a message would be lost on it, and nobody would know."""
    server = Server(PLAIN, PLAIN, then_close=True)
    with serving(server) as (session, url):
        session.post(url, data=b"x")
        assert server.gone.wait(10)
        assert session.post(url, data=b"x").status_code == 200
    assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b'8\r\n{"id": 1\r\n1\r\n}\r\n0\r\n\r\n'
        ),
        b'HTTP/1.0 200 OK\r\n\r\n{"id": 1}',
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
            b'{"id": 1}'
        ),
        (
            b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
            b"HTTP/1.1 102 Processing\r\n\r\n"
            b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"id": 1}'
        ),
        b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"id": 1}',
    ],
    ids=["in pieces", "of old", "after a go-ahead", "announced", "until the end"],
)
def test_every_form_of_an_answer_is_understood(answer):
    with serving(Server(answer, then_close=True)) as (session, url):
        assert session.post(url, data=b"x").json() == {"id": 1}


def test_one_that_rested_for_long_is_not_used_again(monkeypatch):
    """What stands between may have forgotten it, and would swallow a message."""
    server = Server(PLAIN, PLAIN)
    with serving(server) as (session, url):
        session.post(url, data=b"x")
        monkeypatch.setattr(http_wire, "REST_SECONDS", -1)
        session.post(url, data=b"x")
    assert server.connections == 2


def test_one_that_is_not_to_be_kept_is_closed(monkeypatch):
    closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
    dialled, dial = [], http_wire._dial
    monkeypatch.setattr(
        http_wire, "_dial", lambda *where: dialled.append(dial(*where)) or dialled[-1]
    )
    with serving(Server(closing)) as (session, url):
        session.post(url, data=b"x")
        assert dialled[0].fileno() == -1


def test_whoever_has_his_answer_is_not_hung_up_on():
    """By then another may be calling over the same connection."""
    server, call = Server(PLAIN, PLAIN), http_calls.Call()
    http_calls.watch(call)
    with serving(server) as (session, url):
        session.post(url, data=b"x")
        http_calls.watch(None)
        call.hang_up()
        session.post(url, data=b"x")
    assert server.connections == 1


@pytest.mark.parametrize("answer", [b"", b"220 mail.example ESMTP\r\n", b"HTTP/1.1 2"])
def test_no_answer_is_an_error_of_the_connection(answer):
    with (
        serving(Server(answer, then_close=True)) as (session, url),
        pytest.raises(NoConnection),
    ):
        session.post(url, data=b"x")


def test_an_answer_that_breaks_off_is_none():
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"
    call = http_calls.Call()
    http_calls.watch(call)
    with (
        serving(Server(cut, then_close=True)) as (session, url),
        pytest.raises(NoConnection),
    ):
        session.post(url, data=b"x")
    http_calls.watch(None)
    assert (call.written, call.status) == (True, 200)


@pytest.mark.parametrize("how", [b"Content-Length: 2000000", b"Connection: close"])
def test_of_an_answer_without_an_end_no_more_is_read(how):
    endless = b"HTTP/1.1 200 OK\r\n" + how + b"\r\n\r\n" + b"x" * 2_000_000
    with (
        serving(Server(endless, then_close=True)) as (session, url),
        pytest.raises(NoConnection),
    ):
        session.post(url, data=b"x")


def test_no_header_can_smuggle_another():
    server = Server(PLAIN)
    with serving(server) as (session, url):
        request = session.prepare_request(requests.Request("POST", url, data=b"x"))
        request.headers["X-Key"] = "1\r\nX-Other: 2"
        with pytest.raises(InvalidHeader):
            session.send(request, timeout=5)
    assert server.requests == []


def test_behind_a_proxy_it_is_asked_to_go_there(monkeypatch):
    proxy = Server(PLAIN)
    with serving(proxy) as (_session, url):
        monkeypatch.setenv("http_proxy", url.rpartition("/")[0])
        session = requests.Session()
        http_calls.take_over(session, "http://api.example/send", 4)
        call = http_calls.Call()
        http_calls.watch(call)
        answer = session.post("http://api.example/send", data=b"x", timeout=(5, 5))
        http_calls.watch(None)
        session.close()
    assert (answer.status_code, call.written, call.status) == (200, True, 200)
    assert proxy.requests[0].startswith(b"POST http://api.example/send HTTP/1.1")


def test_a_proxy_that_does_not_let_us_through_has_seen_no_message(monkeypatch):
    refusal = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
    proxy = Server(refusal, then_close=True)
    with serving(proxy) as (_session, url):
        monkeypatch.setenv("https_proxy", url.rpartition("/")[0])
        session = requests.Session()
        http_calls.take_over(session, "https://api.example/send", 4)
        call = http_calls.Call()
        http_calls.watch(call)
        with pytest.raises(NoConnection) as refused:
            session.post("https://api.example/send", data=b"x", timeout=(5, 5))
        http_calls.watch(None)
        session.close()
    assert proxy.requests[0].startswith(b"CONNECT api.example:443")
    assert classify_error(refused.value, call).verdict is Verdict.WITHHELD


def test_a_name_that_cannot_be_one_is_no_connection():
    session = requests.Session()
    http_calls.take_over(session, "https://api..example/", 4)
    with pytest.raises(NoConnection):
        session.post("https://api..example/", data=b"x")


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path):
    path = certificates.make(tmp_path)
    server = Server(PLAIN, PLAIN, tls=certificates.serve(path))
    call = http_calls.Call()
    http_calls.watch(call)
    with serving(server) as (session, url):
        with pytest.raises(SSLError):
            session.post(url, data=b"x")
        assert not call.written
        session.verify = str(path)
        assert session.post(url, data=b"x").status_code == 200
    http_calls.watch(None)
