"""An SMTP server on loopback with a ledger of its own: the judge of what went out.

In threads of the test, or as a process: ``python -m tests.support.smtp_sink LEDGER``
prints its port, and notes each message in the file LEDGER before it answers. What it
does otherwise than usual is said by tricks; to the process by ``lose=500`` (answers)
and ``close=300`` (connections), one in so many, and ``slow=20`` (thousandths of a
second before each message is answered).
"""

import re
import socket
import socketserver
import ssl
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

_ADDRESS = re.compile(rb"<([^>]*)>")


@dataclass
class Mail:
    sender: str
    recipient: str
    raw: bytes

    @property
    def delivery(self) -> str:
        return self.header("X-Delivery")

    def header(self, name: str) -> str:
        found = re.search(rf"(?m)^{name}: (.*?)\r\n".encode(), self.raw)
        return found[1].decode() if found else ""


@dataclass
class Reply:
    """What to answer: a text, or nothing and hang up; with the message taken or not."""

    text: str = ""
    take: bool = False


#: Gets (stage, address) with stage "CONNECT", "MAIL", "RCPT", "DATA" or "END", and may
#: answer in its own way.
Trick = Callable[[str, str], Reply | None]
HANG_UP = Reply()
TAKE_AND_HANG_UP = Reply(take=True)


class HungUp(Exception):
    pass


@dataclass
class Sink:
    tricks: list[Trick] = field(default_factory=list)
    extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME")
    ledger: Path | None = None
    #: With a context it speaks TLS: from the start, or when STARTTLS asks for it.
    tls: ssl.SSLContext | None = None
    from_the_start: bool = False
    #: Said in the clear behind the answer to STARTTLS.
    early: str = ""
    mails: list[Mail] = field(default_factory=list)
    dialogue: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def recipients(self) -> Counter[str]:
        return Counter(mail.recipient for mail in self.mails)

    def deliveries(self) -> Counter[str]:
        return Counter(mail.delivery for mail in self.mails)

    def answer(self, stage: str, address: str, usual: str) -> Reply:
        for trick in self.tricks:
            if reply := trick(stage, address):
                return reply
        return Reply(usual, take=True)

    def take(self, mail: Mail) -> None:
        """Keep it; with a ledger only what stands there, for hours of mails."""
        if self.ledger is None:
            self.mails.append(mail)
            return
        with self.ledger.open("a") as file:
            file.write(f"{mail.delivery}\t{mail.recipient}\n")


class _Talk(socketserver.StreamRequestHandler):
    """One connection."""

    server: "_Server"

    def handle(self) -> None:
        self.sink = self.server.sink
        self.sink.connections += 1
        self.server.open.add(self.connection)
        with suppress(HungUp, OSError):
            if self.sink.from_the_start:
                self.encrypt()
            self.say(self.ask("CONNECT", "", "220 sink").text)
            while line := self.rfile.readline():
                self.obey(line)
        self.server.open.discard(self.connection)

    def encrypt(self) -> None:
        assert self.sink.tls
        self.server.open.discard(self.connection)
        self.connection = self.sink.tls.wrap_socket(self.connection, server_side=True)
        self.server.open.add(self.connection)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def ask(self, stage: str, address: str, usual: str) -> Reply:
        reply = self.sink.answer(stage, address, usual)
        if not reply.text and not (stage == "END" and reply.take):
            raise HungUp
        return reply

    def obey(self, line: bytes) -> None:
        if self.sink.ledger is None:
            self.sink.dialogue.append(line.decode("ascii", "replace").strip())
        verb = line[:4].upper().decode("ascii", "replace")
        if verb == "EHLO":
            offers = [*self.sink.extensions, "HELP"]
            if self.sink.tls and not isinstance(self.connection, ssl.SSLSocket):
                offers.insert(0, "STARTTLS")
            self.say("\r\n".join(["250-sink", *(f"250-{one}" for one in offers[:-1])]))
            self.say(f"250 {offers[-1]}")
        elif verb == "STAR" and self.sink.tls:
            self.say(f"220 go on{self.sink.early}")
            self.encrypt()
        elif verb in {"MAIL", "RCPT"}:
            self.address(verb, line)
        elif verb == "DATA":
            self.data()
        elif verb == "QUIT":
            self.say("221 bye")
            raise HungUp
        else:
            self.say(self.ask(verb, "", "250 ok").text)

    def address(self, verb: str, line: bytes) -> None:
        found = _ADDRESS.search(line)
        address = found[1].decode() if found else ""
        if verb == "MAIL":
            self.sender, self.recipient, self.refused = address, "", False
        else:
            self.recipient = address
        reply = self.ask(verb, address, "250 ok")
        self.refused = self.refused or not reply.text.startswith("2")
        self.say(reply.text)

    def data(self) -> None:
        usual = "554 no valid recipients" if self.refused else "354 go on"
        reply = self.ask("DATA", self.recipient, usual)
        self.say(reply.text)
        if not reply.text.startswith("354"):
            return
        mail = Mail(self.sender, self.recipient, _read_message(self.rfile))
        reply = self.ask("END", self.recipient, "250 taken")
        if reply.take:
            self.sink.take(mail)
        if not reply.text:
            raise HungUp
        self.say(reply.text)


def _read_message(file: BinaryIO) -> bytes:
    lines = []
    while (line := file.readline()) != b".\r\n":
        if not line:
            raise HungUp
        lines.append(line[1:] if line.startswith(b".") else line)
    return b"".join(lines)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, sink: Sink) -> None:
        super().__init__(("127.0.0.1", sink.port), _Talk)
        self.sink = sink
        self.open: set[socket.socket] = set()
        sink.port = self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error of ours."""


@contextmanager
def running(sink: Sink | None = None) -> Iterator[Sink]:
    """A sink in threads of its own, on a free port of loopback."""
    sink = sink or Sink()
    server = _Server(sink)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        for connection in list(server.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _by_numbers(lose: int = 0, close: int = 0, slow: int = 0) -> Trick:
    """Lose the answer to one message in *lose*; one in *close* ends the talk; each is
    thought about for *slow* milliseconds."""
    count = Counter[str]()

    def trick(stage: str, address: str) -> Reply | None:
        count[stage] += 1
        if stage == "END":
            time.sleep(slow / 1000)
        if stage == "END" and lose and not count[stage] % lose:
            return TAKE_AND_HANG_UP
        if stage == "MAIL" and close and not count[stage] % close:
            return Reply("421 enough for now")
        return None

    return trick


if __name__ == "__main__":
    *options, path = sys.argv[1:]
    numbers = {name: int(n) for name, _is, n in (one.partition("=") for one in options)}
    only_sink = Sink(ledger=Path(path), tricks=[_by_numbers(**numbers)])
    with running(only_sink) as only:
        sys.stdout.write(f"{only.port}\n")
        sys.stdout.flush()
        while True:
            time.sleep(3600)
