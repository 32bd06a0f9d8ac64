"""A provider's API that counts, as a process of its own: it answers after a delay.

``python -m benchmarks._provider_sink SECONDS`` prints its port. In Resend's shape;
``GET /count`` answers how many messages and how many different keys it took. It
shares the computer with those whom it measures, so it keeps of a message no more
than its head, and reads into the same memory again and again.
"""

import re
import select
import socket
import subprocess
import sys
import time
import urllib.request
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from onboarding.bundled.processes import die_with_parent

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_KEY = re.compile(rb"idempotency-key: ([^\r]+)", re.IGNORECASE)
_TAKEN = b'{"id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}'


class _Talk:
    """One kept connection: one request at a time, as clients without pipelining."""

    def __init__(self, wire: socket.socket) -> None:
        self.wire = wire
        self.head = b""
        #: Octets of the request's body that are still to come.
        self.missing = 0

    def hear(self, octets: memoryview) -> bytes:
        """Return the head of a request once all of it has been heard."""
        if self.missing:
            self.missing -= len(octets)
        else:
            self.head += octets
            end = self.head.find(b"\r\n\r\n") + 4
            if end < 4:
                return b""
            length = _LENGTH.search(self.head, 0, end)
            body = int(length[1]) if length else 0
            self.missing = body - (len(self.head) - end)
            self.head = self.head[:end]
        if self.missing:
            return b""
        head, self.head = self.head, b""
        return head


class _Sink:
    def __init__(self, delay: float) -> None:
        self.delay = delay
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.poll = select.epoll()
        self.poll.register(self.listener, select.EPOLLIN)
        self.memory = memoryview(bytearray(1 << 18))
        self.talks: dict[int, _Talk] = {}
        #: When to answer whom; the delay is the same for all.
        self.due: deque[tuple[float, _Talk]] = deque()
        self.messages = 0
        self.keys: set[bytes] = set()

    def serve(self) -> None:
        while True:
            for number, _event in self.poll.poll(self.patience()):
                if number == self.listener.fileno():
                    self.welcome()
                else:
                    self.listen(self.talks[number])
            now = time.monotonic()
            while self.due and self.due[0][0] <= now:
                say(self.due.popleft()[1].wire, _TAKEN)

    def patience(self) -> float:
        """Seconds until somebody is to be answered; -1 while nobody waits."""
        return max(0.0, self.due[0][0] - time.monotonic()) if self.due else -1

    def welcome(self) -> None:
        wire, _address = self.listener.accept()
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.talks[wire.fileno()] = _Talk(wire)
        self.poll.register(wire, select.EPOLLIN)

    def listen(self, talk: _Talk) -> None:
        try:
            size = talk.wire.recv_into(self.memory)
        except ConnectionError:
            size = 0
        if not size:
            del self.talks[talk.wire.fileno()]
            talk.wire.close()
        elif head := talk.hear(self.memory[:size]):
            self.take(talk, head)

    def take(self, talk: _Talk, head: bytes) -> None:
        if head.startswith(b"GET"):
            say(talk.wire, f"{self.messages} {len(self.keys)}".encode())
            return
        self.messages += 1
        if key := _KEY.search(head):
            self.keys.add(key[1])
        self.due.append((time.monotonic() + self.delay, talk))


def say(wire: socket.socket, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
    try:
        wire.sendall(head.encode() + body)
    except OSError:
        # Gone before its answer.
        return


@contextmanager
def running(delay: float) -> Iterator[int]:
    """The sink's port, as long as it runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._provider_sink", str(delay)],
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


def count(port: int) -> tuple[int, int]:
    """Messages taken, and different keys."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/count") as answer:
        messages, keys = answer.read().split()
    return int(messages), int(keys)


if __name__ == "__main__":
    sink = _Sink(float(sys.argv[1]))
    sys.stdout.write(f"{sink.listener.getsockname()[1]}\n")
    sys.stdout.flush()
    sink.serve()
