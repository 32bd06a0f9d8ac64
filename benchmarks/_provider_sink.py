"""A provider's API that counts, as a process of its own: it answers after a delay.

``python -m benchmarks._provider_sink SECONDS`` prints its port. In Resend's shape;
``GET /count`` answers how many messages and how many different keys it took.
"""

import asyncio
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_KEY = re.compile(rb"idempotency-key: ([^\r]+)", re.IGNORECASE)
_TAKEN = b'{"id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}'


class _Counts:
    messages = 0
    keys: set[bytes] = set()


class _Talk(asyncio.Protocol):
    """One kept connection: one request at a time, as clients without pipelining."""

    delay = 0.0
    transport: asyncio.Transport

    def __init__(self) -> None:
        self.unread = bytearray()
        self.wanted = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.unread += data
        if not self.wanted:
            end = self.unread.find(b"\r\n\r\n")
            if end < 0:
                return
            length = _LENGTH.search(self.unread, 0, end)
            self.wanted = end + 4 + (int(length[1]) if length else 0)
        if len(self.unread) >= self.wanted:
            self.answer()

    def answer(self) -> None:
        request, self.wanted = bytes(self.unread), 0
        self.unread.clear()
        if request.startswith(b"GET"):
            self.say(f"{_Counts.messages} {len(_Counts.keys)}".encode())
            return
        _Counts.messages += 1
        if key := _KEY.search(request):
            _Counts.keys.add(key[1])
        asyncio.get_running_loop().call_later(self.delay, self.say, _TAKEN)

    def say(self, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)


async def serve(delay: float) -> None:
    _Talk.delay = delay
    server = await asyncio.get_running_loop().create_server(
        _Talk, "127.0.0.1", 0, backlog=256
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


@contextmanager
def running(delay: float) -> Iterator[int]:
    """The sink's port, as long as it runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._provider_sink", str(delay)],
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


def count(port: int) -> tuple[int, int]:
    """Messages taken, and different keys."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/count") as answer:
        messages, keys = answer.read().split()
    return int(messages), int(keys)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
