"""An SMTP server that counts, as a process of its own: `python -m benchmarks._sink`.

One thread, no parsing beyond what the protocol needs; prints its port. The command
``COUNT`` answers how many messages and how many different recipients it took, and
``ZERO`` begins anew.
"""

import selectors
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ANSWERS = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}
_END = b"\r\n.\r\n"


class _Counts:
    messages = 0
    recipients: set[bytes] = set()


class _Talk:
    """What one connection has said and not yet been answered."""

    def __init__(self) -> None:
        self.unread = bytearray()
        self.in_message = False
        self.scanned = 0

    def feed(self, received: bytes) -> bytes:
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


def serve() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    while True:
        for key, _mask in selector.select():
            if key.fileobj is listener:
                connection, _address = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                connection.sendall(b"220 sink\r\n")
                selector.register(connection, selectors.EVENT_READ, _Talk())
            else:
                _answer(selector, key)


def _answer(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
    connection = key.fileobj
    assert isinstance(connection, socket.socket)
    try:
        received = connection.recv(1 << 18)
        if received:
            connection.sendall(key.data.feed(received))
            return
    except OSError:
        pass
    selector.unregister(connection)
    connection.close()


@contextmanager
def running() -> Iterator[int]:
    """The sink's port, as long as it runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._sink"],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parent.parent,
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def ask(port: int, command: str) -> str:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        file = connection.makefile("rwb")
        file.readline()
        file.write(f"{command}\r\n".encode())
        file.flush()
        return file.readline().decode().strip()


def count(port: int) -> tuple[int, int]:
    """Messages taken, and different recipients."""
    _code, messages, recipients = ask(port, "COUNT").split()
    return int(messages), int(recipients)


if __name__ == "__main__":
    serve()
