"""Between us and PostgreSQL: lets a statement through, and loses the answer to it.

What was asked is done and committed by then, and whoever asked never hears of it.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

#: The server has no more to say: it waits for the next statement.
_READY = b"Z\x00\x00\x00\x05"


@dataclass
class Proxy:
    """Loses the answer to the next statement in which *marker* stands, once."""

    server: tuple[str, int]
    port: int = 0
    marker: bytes = b""
    lost: int = 0
    _open: list[socket.socket] = field(default_factory=list)

    def lose_next(self, marker: bytes) -> None:
        self.lost, self.marker = 0, marker

    def serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _address = listener.accept()
                server = socket.create_connection(self.server)
                self._open += [client, server]
                deaf = threading.Event()
                for each in (
                    (self._ask, client, server, deaf),
                    (self._answer, server, client, deaf),
                ):
                    threading.Thread(target=each[0], args=each[1:], daemon=True).start()

    def _ask(
        self, client: socket.socket, server: socket.socket, deaf: threading.Event
    ) -> None:
        with suppress(OSError):
            while asked := client.recv(1 << 20):
                if self.marker and self.marker in asked:
                    self.marker = b""
                    deaf.set()
                server.sendall(asked)
        _hang_up(server)

    def _answer(
        self, server: socket.socket, client: socket.socket, deaf: threading.Event
    ) -> None:
        heard = b""
        with suppress(OSError):
            while said := server.recv(1 << 20):
                if not deaf.is_set():
                    client.sendall(said)
                    continue
                heard = (heard + said)[-6:]
                if heard.startswith(_READY):
                    self.lost += 1
                    break
        _hang_up(client)

    def end(self) -> None:
        for each in self._open:
            _hang_up(each)
            each.close()


def _hang_up(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


@contextmanager
def running(host: str, port: int) -> Iterator[Proxy]:
    proxy = Proxy((host, port))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy.port = listener.getsockname()[1]
        thread = threading.Thread(target=proxy.serve, args=(listener,), daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            _hang_up(listener)
            thread.join(10)
            proxy.end()
