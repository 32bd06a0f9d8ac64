"""One SMTP connection: bytes out, replies in, and how many bytes really left."""

import re
import smtplib
import socket
import time
from typing import NamedTuple

from campaigns.messages.wire import Written

_LONGEST_LINE = 2048
_MOST_LINES = 100
#: A connection that rested longer is asked whether it still lives.
_RESTED_SECONDS = 15.0
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Dropped(Exception):
    """The connection is of no use any more; so many bytes of the last write left."""

    def __init__(self, why: str, written: int = 0) -> None:
        super().__init__(why)
        self.written = written


class Reply(NamedTuple):
    """A tuple, because each message has four of them."""

    code: int
    said: bytes = b""

    @property
    def text(self) -> str:
        return self.said.decode("ascii", "replace")

    @property
    def is_positive(self) -> bool:
        return 200 <= self.code < 300


class Session:
    """A connection that is greeted, encrypted and logged in."""

    def __init__(self, connection: smtplib.SMTP) -> None:
        if connection.sock is None:
            raise Dropped("The connection was closed again.")
        self._connection = connection
        self._socket: socket.socket = connection.sock
        self._unread = bytearray()
        # The end of a message must not wait for the receipt of its beginning.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._last = time.monotonic()
        self.pipelines = connection.has_extn("pipelining")
        self.takes_eight_bits = connection.has_extn("8bitmime")
        #: How many messages it has dealt with.
        self.served = 0
        #: A message was begun by its envelope and left there.
        self.is_dirty = False

    def write(self, data: bytes) -> None:
        view, written = memoryview(data), 0
        try:
            while written < len(view):
                written += self._socket.send(view[written:])
        except OSError as error:
            raise Dropped(type(error).__name__, written) from error

    def read(self) -> Reply:
        """The next reply, of however many lines."""
        line = self._read_line()
        if line[3:4] != b"-":
            return Reply(int(line[:3]), line[4:].rstrip())
        lines = [line]
        while line[3:4] == b"-":
            line = self._read_line()
            lines.append(line)
            if len(lines) > _MOST_LINES:
                raise Dropped("A reply without an end.")
        return Reply(int(line[:3]), b" ".join(each[4:].strip() for each in lines))

    def ask(self, command: bytes) -> Reply:
        self.write(command + b"\r\n")
        return self.read()

    def _read_line(self) -> bytes:
        while (end := self._unread.find(b"\n")) < 0:
            if len(self._unread) > _LONGEST_LINE:
                raise Dropped("A line without an end.")
            self._receive()
        line = bytes(self._unread[: end + 1])
        del self._unread[: end + 1]
        if not line[:3].isdigit():
            raise Dropped("A reply that is none.")
        return line

    def _receive(self) -> None:
        try:
            if _QUICKACK is not None:
                # A server that answers three commands in three packets sends the
                # second when the first is confirmed: 40 ms later, if we do not say.
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            received = self._socket.recv(4096)
        except OSError as error:
            raise Dropped(type(error).__name__) from error
        if not received:
            raise Dropped("The server hung up.")
        self._unread += received
        self._last = time.monotonic()

    def check(self) -> None:
        """After a rest: does anybody still listen? Raises `Dropped` if not."""
        rested = time.monotonic() - self._last > _RESTED_SECONDS
        if rested and not self.ask(b"RSET").is_positive:
            raise Dropped("RSET was refused.")

    def close(self, *, politely: bool = True) -> None:
        """Say goodbye, except in the middle of a message, whose end it would be."""
        try:
            if politely:
                self.write(b"QUIT\r\n")
        except Dropped:
            pass
        finally:
            self._connection.close()


def stuff(message: bytes) -> bytes:
    """*message* as it follows DATA: CRLF line ends, dots doubled, closed by a dot.

    Bare CR and LF are mended: some servers take them for line ends, and what stands
    behind them for commands.
    """
    if type(message) is Written:
        # Ours need none of it, and looking for it takes longer than all the rest.
        return message + b".\r\n"
    ends = message.count(b"\r\n")
    if message.count(b"\n") != ends or message.count(b"\r") != ends:
        message = _LINE_END.sub(b"\r\n", message)
    if message.startswith(b"."):
        message = b"." + message
    if b"\n." in message:
        message = message.replace(b"\n.", b"\n..")
    closed = message if message.endswith(b"\r\n") else message + b"\r\n"
    return closed + b".\r\n"
