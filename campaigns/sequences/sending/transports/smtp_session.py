"""One SMTP connection: bytes out, replies in, and how many bytes really left.

Nothing here blocks: whoever would have to wait yields what for (see `talks`).
"""

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from typing import NamedTuple

from campaigns.messages.wire import Written

from .talks import READ, WRITE, Talk

_LONGEST_LINE = 2048
_MOST_LINES = 100
#: Seconds for one reply, in however many pieces it comes.
_LONGEST_REPLY = 60.0
#: A connection that rested longer is asked whether it still lives.
_RESTED_SECONDS = 15.0
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)
_LINE_END = re.compile(rb"\r\n|\r|\n")
#: A reply of one line, as nearly all are.
_SHORT = re.compile(rb"([0-9]{3}) ([^\n]*)\n").match
#: What nearly every envelope hears: yes, yes, and go on.
_WELCOME = re.compile(rb"2[0-9]{2} [^\n]*\n2[0-9]{2} [^\n]*\n354 [^\n]*\n").match
#: TLS may have to read in order to write, and the other way round.
_NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


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
        self._unread = b""
        #: With TLS: how many octets are decrypted, and not read yet.
        self._pending: Callable[[], int] | None = getattr(
            connection.sock, "pending", None
        )
        #: A part of what the server has to say is here, and it may wait for a receipt.
        self._has_part = False
        # The end of a message must not wait for the receipt of its beginning.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)
        self._last = self._due = time.monotonic()
        self.pipelines = connection.has_extn("pipelining")
        self.takes_eight_bits = connection.has_extn("8bitmime")
        #: How many messages it has dealt with.
        self.served = 0
        #: A message was begun by its envelope and left there.
        self.is_dirty = False

    def write(self, data: bytes) -> Talk[None]:
        written, view = 0, memoryview(data)
        self._has_part = False
        try:
            while written < len(data):
                try:
                    written += self._socket.send(view[written:])
                    continue
                except _NOT_YET as error:
                    wanted = _event(error, WRITE)
                yield self._socket, wanted
        except OSError as error:
            raise Dropped(type(error).__name__, written) from error

    def read(self) -> Talk[Reply]:
        """The next reply, of however many lines."""
        self._due = time.monotonic() + _LONGEST_REPLY
        if not self._unread:
            yield from self._receive()
        if short := _SHORT(self._unread):
            self._unread = self._unread[short.end() :]
            return Reply(int(short[1]), short[2].rstrip())
        return (yield from self._read_lines())

    def has_welcome(self) -> bool:
        """Are the three answers here that nearly every envelope gets? Takes them, at
        once; where anything is unusual they stay, for `read`."""
        if welcome := _WELCOME(self._unread):
            self._unread = self._unread[welcome.end() :]
            return True
        return False

    def _read_lines(self) -> Talk[Reply]:
        line = self._take_line() or (yield from self._wait_for_line())
        if line[3:4] != b"-":
            return Reply(int(line[:3]), line[4:].rstrip())
        lines = [line]
        while line[3:4] == b"-":
            line = self._take_line() or (yield from self._wait_for_line())
            lines.append(line)
            if len(lines) > _MOST_LINES:
                raise Dropped("A reply without an end.")
        return Reply(int(line[:3]), b" ".join(each[4:].strip() for each in lines))

    def ask(self, command: bytes) -> Talk[Reply]:
        yield from self.write(command + b"\r\n")
        return (yield from self.read())

    def _take_line(self) -> bytes:
        """A line that is here already; empty where none is whole."""
        line, end, rest = self._unread.partition(b"\n")
        if not end:
            return b""
        self._unread = rest
        if not line[:3].isdigit():
            raise Dropped("A reply that is none.")
        return line

    def _wait_for_line(self) -> Talk[bytes]:
        while not (line := self._take_line()):
            if len(self._unread) > _LONGEST_LINE:
                raise Dropped("A line without an end.")
            if self._last > self._due:
                raise Dropped("A reply that drips.")
            yield from self._receive()
        return line

    def _receive(self) -> Talk[None]:
        try:
            if self._pending and not self._has_part and not self._pending():
                # Right after a write the answer is not there, and to find that out is
                # dear with TLS. Nobody waits while something is decrypted already.
                yield self._socket, READ
            while True:
                try:
                    if self._has_part and _QUICKACK is not None:
                        # A server that answers three commands in three packets sends
                        # the second when the first is confirmed: 40 ms later, if we
                        # do not say.
                        self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
                    received = self._socket.recv(4096)
                    break
                except _NOT_YET as error:
                    wanted = _event(error, READ)
                yield self._socket, wanted
        except OSError as error:
            raise Dropped(type(error).__name__) from error
        if not received:
            raise Dropped("The server hung up.")
        self._unread += received
        self._has_part = True
        self._last = time.monotonic()

    def has_rested(self) -> bool:
        """So long that it should be asked whether it still lives?"""
        return time.monotonic() - self._last > _RESTED_SECONDS

    def close(self, *, politely: bool = True) -> None:
        """Say goodbye, except in the middle of a message, whose end it would be."""
        try:
            if politely:
                self._socket.send(b"QUIT\r\n")
        except OSError:
            pass
        finally:
            self._connection.close()


def _event(error: OSError, asked: int) -> int:
    """What the socket waits for that let us not do what we *asked* for."""
    if isinstance(error, ssl.SSLWantReadError):
        return READ
    if isinstance(error, ssl.SSLWantWriteError):
        return WRITE
    return asked


def stuff(message: bytes, following: bytes = b"") -> bytes:
    """*message* as it follows DATA: CRLF line ends, dots doubled, closed by a dot;
    and what is *following* it in the same write.

    Bare CR and LF are mended: some servers take them for line ends, and what stands
    behind them for commands.
    """
    if type(message) is Written:
        # Ours need none of it, and looking for it takes longer than all the rest.
        return b"".join((message, b".\r\n", following))
    ends = message.count(b"\r\n")
    if message.count(b"\n") != ends or message.count(b"\r") != ends:
        message = _LINE_END.sub(b"\r\n", message)
    if message.startswith(b"."):
        message = b"." + message
    if b"\n." in message:
        message = message.replace(b"\n.", b"\n..")
    closed = message if message.endswith(b"\r\n") else message + b"\r\n"
    return closed + b".\r\n" + following
