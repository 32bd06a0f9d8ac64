"""An SMTP server that counts, as a process of its own: `python -m benchmarks._sink`.

One thread, no parsing beyond what the protocol needs; prints its port. The command
``COUNT`` answers how many messages and how many different recipients it took, and
``ZERO`` begins anew. ``delay=0.02`` lets every answer wait, ``tls=FILE`` speaks TLS
from the start, with the key and the certificate of that file.
"""

import selectors
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from onboarding.bundled.processes import die_with_parent

_ANSWERS = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}
_END = b"\r\n.\r\n"
#: Octets read at a time.
_ROOM = 1 << 18


class _Counts:
    messages = 0
    recipients: set[bytes] = set()


class _Talk:
    """What one connection has said and not yet been answered."""

    def __init__(self) -> None:
        self.unread = bytearray()
        self.in_message = False
        self.scanned = 0

    def feed(self, received: memoryview) -> bytes:
        self.unread += received
        answers: list[bytes] = []
        while True:
            taken = self._message() if self.in_message else self._line()
            if taken is None:
                return b"".join(answers)
            answers.append(taken)

    def _message(self) -> bytes | None:
        end = self.unread.find(_END, max(0, self.scanned - len(_END)))
        if end < 0:
            self.scanned = len(self.unread)
            return None
        del self.unread[: end + len(_END)]
        self.in_message, self.scanned = False, 0
        _Counts.messages += 1
        return b"250 taken\r\n"

    def _line(self) -> bytes | None:
        end = self.unread.find(b"\r\n")
        if end < 0:
            return None
        line = bytes(self.unread[:end])
        del self.unread[: end + 2]
        verb = line[:4].upper()
        if verb == b"RCPT":
            _Counts.recipients.add(line)
        elif verb == b"DATA":
            self.in_message = True
        elif verb == b"COUN":
            return f"250 {_Counts.messages} {len(_Counts.recipients)}\r\n".encode()
        elif verb == b"ZERO":
            _Counts.messages, _Counts.recipients = 0, set()
        return _ANSWERS.get(verb, b"250 ok\r\n")


def listen() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    return listener


def serve(delay: float) -> None:
    listener = listen()
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    late: deque[tuple[float, socket.socket, bytes]] = deque()
    room = bytearray(_ROOM)
    while True:
        wait = max(0.0, late[0][0] - time.monotonic()) if late else None
        events = selector.select(wait)
        while late and late[0][0] <= time.monotonic():
            _due, connection, answer = late.popleft()
            with suppress(OSError):
                connection.sendall(answer)
        for key, _mask in events:
            if key.fileobj is listener:
                connection, _address = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.sendall(b"220 sink\r\n")
                selector.register(connection, selectors.EVENT_READ, _Talk())
            else:
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                answer = _answer(connection, key.data, room)
                if answer is None:
                    selector.unregister(connection)
                    connection.close()
                elif delay and answer:
                    late.append((time.monotonic() + delay, connection, answer))
                elif answer:
                    with suppress(OSError):
                        connection.sendall(answer)


def _answer(connection: socket.socket, talk: _Talk, room: bytearray) -> bytes | None:
    """What to say to what it said; None when it is gone. *room* is for reading: memory
    asked for anew each time would cost more than all the rest."""
    try:
        length = connection.recv_into(room)
    except OSError:
        return None
    return talk.feed(memoryview(room)[:length]) if length else None


def serve_tls(certificate: str) -> None:
    """A thread for each connection: they are few."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = listen()
    while True:
        connection, _address = listener.accept()
        threading.Thread(target=_talk_tls, args=(context, connection)).start()


def _talk_tls(context: ssl.SSLContext, connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    talk, room = _Talk(), bytearray(_ROOM)
    with suppress(OSError), context.wrap_socket(connection, server_side=True) as line:
        line.sendall(b"220 sink\r\n")
        while (answer := _answer(line, talk, room)) is not None:
            if answer:
                line.sendall(answer)


@contextmanager
def running(*options: str) -> Iterator[int]:
    """The sink's port, as long as it runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._sink", *options],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parent.parent,
        preexec_fn=die_with_parent(),  # noqa: PLW1509 - two system calls, no lock
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def ask(port: int, command: str, *, tls: ssl.SSLContext | None = None) -> str:
    with ExitStack() as stack:
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        if tls:
            connection = tls.wrap_socket(connection, server_hostname="127.0.0.1")
        file = connection.makefile("rwb")
        file.readline()
        file.write(f"{command}\r\n".encode())
        file.flush()
        return file.readline().decode().strip()


def count(port: int, *, tls: ssl.SSLContext | None = None) -> tuple[int, int]:
    """Messages taken, and different recipients."""
    _code, messages, recipients = ask(port, "COUNT", tls=tls).split()
    return int(messages), int(recipients)


if __name__ == "__main__":
    said = dict(one.split("=", 1) for one in sys.argv[1:])
    if "tls" in said:
        serve_tls(said["tls"])
    else:
        serve(float(said.get("delay", 0)))
