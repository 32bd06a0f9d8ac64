"""Providers' APIs on loopback, with a ledger of their own: the judge of what went out.

Shaped after what each documents: where a message's address, our id and the key stand,
and what it answers. In threads of the test, or as a process:
``python -m tests.support.providers NAME LEDGER`` prints its port, and notes each
message in the file LEDGER before it answers. Tricks say what it does otherwise.
"""

import json
import socket
import socketserver
import struct
import sys
import threading
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qsl
from uuid import uuid4

_REASONS = {200: "OK", 201: "Created"}


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        """Of multipart/form-data or a plain form, the fields by name."""
        if "multipart" not in self.headers["content-type"]:
            return dict(parse_qsl(self.body.decode()))
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        mail = message_from_bytes(head + self.body, policy=policy.HTTP)
        assert isinstance(mail, EmailMessage)
        return {
            str(part["Content-Disposition"].params["name"]): part.get_content()
            for part in mail.iter_parts()
        }


@dataclass
class Taken:
    """A message as the provider understood it."""

    recipient: str
    delivery: str
    key: str = ""
    request: Request | None = None


@dataclass
class Reply:
    """What to do: answer, having taken the message or not, in one of these manners."""

    status: int = 200
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    take: bool = False
    #: "answer", "reset" (without an answer), "hang" (no answer), "drip" (the answer's
    #: body byte by byte, without an end) or "hang up".
    manner: str = "answer"


#: Gets the message as understood; may answer in its own way.
Trick = Callable[[Taken], Reply | None]


@dataclass
class Shape:
    """How one provider's API looks."""

    read: Callable[[Request], Taken]
    answer: Callable[[str, str], str]
    #: Of its answer to a key or password that it does not know.
    stranger: str
    status: int = 200
    keeps_keys: bool = False


def _resend(request: Request) -> Taken:
    said = request.json
    (recipient,) = said["to"]
    key = request.headers.get("idempotency-key", "")
    return Taken(recipient, said["headers"]["X-Delivery"], key)


def _postmark(request: Request) -> Taken:
    said = request.json
    return Taken(said["To"], said["Metadata"]["delivery"])


def _mailgun(request: Request) -> Taken:
    form = request.form
    return Taken(form["to"], form["v:delivery"])


def _amazon_ses(request: Request) -> Taken:
    said = request.json
    (recipient,) = said["Destination"]["ToAddresses"]
    mail = message_from_bytes(b64decode(said["Content"]["Raw"]["Data"]))
    return Taken(recipient, json.loads(mail["X-Metadata"])["delivery"])


def _brevo(request: Request) -> Taken:
    said = request.json
    (to,) = said["to"]
    headers = said["headers"]
    return Taken(to["email"], headers["X-Delivery"], headers["idempotencyKey"])


def _sparkpost(request: Request) -> Taken:
    said = request.json
    (to,) = said["recipients"]
    key = request.headers.get("idempotency-key", "")
    return Taken(to["address"]["email"], said["metadata"]["delivery"], key)


SHAPES = {
    "resend": Shape(
        _resend,
        lambda pk, to: json.dumps({"id": pk}),
        '{"statusCode": 401, "name": "missing_api_key", "message": "Missing API key"}',
        keeps_keys=True,
    ),
    "postmark": Shape(
        _postmark,
        lambda pk, to: json.dumps(
            {"To": to, "MessageID": pk, "ErrorCode": 0, "Message": "OK"}
        ),
        '{"ErrorCode": 10, "Message": "No Account or Server API tokens were supplied"}',
    ),
    "mailgun": Shape(
        _mailgun,
        lambda pk, to: json.dumps({"id": f"<{pk}>", "message": "Queued. Thank you."}),
        "Forbidden",
    ),
    "amazon_ses": Shape(
        _amazon_ses,
        lambda pk, to: json.dumps({"MessageId": pk}),
        '{"message": "The security token included in the request is invalid."}',
    ),
    "brevo": Shape(
        _brevo,
        lambda pk, to: json.dumps({"messageId": f"<{pk}>"}),
        '{"code": "unauthorized", "message": "Key not found"}',
        status=201,
        keeps_keys=True,
    ),
    "sparkpost": Shape(
        _sparkpost,
        lambda pk, to: json.dumps(
            {
                "results": {
                    "total_accepted_recipients": 1,
                    "total_rejected_recipients": 0,
                    "id": pk,
                }
            }
        ),
        '{"errors": [{"message": "Forbidden."}]}',
        keeps_keys=True,
    ),
}


@dataclass
class Provider:
    name: str
    tricks: list[Trick] = field(default_factory=list)
    ledger: Path | None = None
    taken: list[Taken] = field(default_factory=list)
    asked: int = 0
    connections: int = 0
    most_at_a_time: int = 0
    port: int = 0
    _now: int = 0
    _answers: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def shape(self) -> Shape:
        return SHAPES[self.name]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def deliveries(self) -> Counter[str]:
        return Counter(one.delivery for one in self.taken)

    def settings(self) -> dict[str, str]:
        """The environment of an installation that sends through it."""
        url, key = f"{self.url}/v3", "key"
        return {
            "MAIL_TRANSPORT": self.name,
            "RESEND_API_KEY": key,
            "RESEND_API_URL": url,
            "POSTMARK_SERVER_TOKEN": key,
            "POSTMARK_API_URL": url,
            "MAILGUN_API_KEY": key,
            "MAILGUN_API_URL": url,
            "MAILGUN_SENDER_DOMAIN": "distributor.example",
            "AMAZON_SES_REGION": "eu-west-1",
            "AMAZON_SES_ACCESS_KEY_ID": key,
            "AMAZON_SES_SECRET_ACCESS_KEY": key,
            "AMAZON_SES_API_URL": self.url,
            "BREVO_API_KEY": key,
            "BREVO_API_URL": url,
            "SPARKPOST_API_KEY": key,
            "SPARKPOST_API_URL": url,
        }

    def stranger(self) -> Reply:
        """Its answer to whoever it does not know."""
        status = 403 if self.name == "amazon_ses" else 401
        kind = {"x-amzn-errortype": "UnrecognizedClientException"}
        return Reply(status, self.shape.stranger, kind)

    def handle(self, request: Request) -> Reply:
        message = self.shape.read(request)
        message.request = request
        with self._lock:
            self.asked += 1
            self._now += 1
            self.most_at_a_time = max(self.most_at_a_time, self._now)
        reply = next((r for trick in self.tricks if (r := trick(message))), None)
        usual = Reply(self.shape.status, self._take(message, reply))
        with self._lock:
            self._now -= 1
        if reply is None:
            return usual
        reply.body = usual.body if reply.body is None else reply.body
        return reply

    def _take(self, message: Taken, reply: Reply | None) -> str:
        """Take it, unless *reply* says no, or it was taken by this key before."""
        with self._lock:
            known = self.shape.keeps_keys and message.key in self._answers
            if known or (reply is not None and not reply.take):
                return self._answers.get(message.key, "")
            answer = self.shape.answer(str(uuid4()), message.recipient)
            self._answers[message.key] = answer
            self.taken.append(message)
            if self.ledger:
                with self.ledger.open("a") as file:
                    file.write(f"{message.delivery}\t{message.recipient}\n")
        return answer


class _Talk(socketserver.StreamRequestHandler):
    """One kept connection."""

    server: "_Server"
    wbufsize = -1

    def handle(self) -> None:
        self.server.open.add(self.connection)
        self.server.provider.connections += 1
        with suppress(OSError):
            while request := self._read():
                if not self._answer(self.server.provider.handle(request)):
                    break
        self.server.open.discard(self.connection)

    def _read(self) -> Request | None:
        first = self.rfile.readline().decode("latin-1").split()
        if len(first) != 3:
            return None
        headers = {}
        while line := self.rfile.readline().strip():
            name, _colon, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        body = self.rfile.read(int(headers.get("content-length", 0)))
        return Request(first[1], headers, body)

    def _answer(self, reply: Reply) -> bool:
        if reply.manner == "reset":
            now = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
            self.connection.close()
            return False
        if reply.manner in {"hang", "hang up"}:
            while reply.manner == "hang" and self.connection.recv(1):
                pass
            return False
        body = (reply.body or "").encode()
        head = [
            f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Other')}",
            f"Content-Length: {len(body) + 1000 * (reply.manner == 'drip')}",
            *(f"{name}: {value}" for name, value in reply.headers.items()),
        ]
        self.wfile.write("\r\n".join([*head, "", ""]).encode() + body)
        self.wfile.flush()
        while reply.manner == "drip":
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.02)
        return True


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, provider: Provider) -> None:
        super().__init__(("127.0.0.1", provider.port), _Talk)
        self.provider = provider
        self.open: set[socket.socket] = set()
        provider.port = self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error of ours."""


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    server = _Server(provider)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        for connection in list(server.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        thread.join(10)


if __name__ == "__main__":
    with running(Provider(sys.argv[1], ledger=Path(sys.argv[2]))) as only:
        sys.stdout.write(f"{only.port}\n")
        sys.stdout.flush()
        while True:
            time.sleep(3600)
