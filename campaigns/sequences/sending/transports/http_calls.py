"""HTTP calls that know how far they came, and that can be hung up on from outside.

Whether a byte was written decides between "certainly not sent" and "nobody knows", so
it is noted where bytes are written rather than guessed from an exception.
"""

import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidProxyURL, TooManyRedirects
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from .http_wire import Timeout, Wire, respond, write

#: Seconds for an answer, unless Anymail says otherwise.
_PATIENCE = 30.0


@dataclass(slots=True)
class Call:
    """One call. Until somebody says better, it may have reached the provider."""

    written: bool = True
    #: The answer's status, as soon as its first line was read.
    status: int | None = None
    is_over: bool = False
    _socket: socket.socket | None = None

    def begin(self) -> None:
        self.written, self.status, self._socket = False, None, None

    def note_write(self, wire: socket.socket | None) -> None:
        self.written, self._socket = True, wire

    def note_status(self, status: int) -> None:
        self.status = status

    def let_go(self) -> None:
        """The answer is here; the connection may soon be another call's."""
        self._socket = None

    def hang_up(self) -> None:
        """Wake whoever waits for an answer that drips or never comes."""
        if (wire := self._socket) is not None and not self.is_over:
            with suppress(OSError):
                # Not TLS's own: that one belongs to the thread which reads.
                socket.socket.shutdown(wire, socket.SHUT_RDWR)


class _Current(threading.local):
    call: Call | None = None


_current = _Current()


def watch(call: Call | None) -> None:
    """What this thread does on the wire from here on belongs to *call*."""
    _current.call = call


class Watched:
    """Beside a connection of urllib3: notes when the first byte is written, and the
    answer's status."""

    sock: socket.socket | None
    auto_open: int

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]

    def send(self, data: Any) -> None:
        if self.sock is None and self.auto_open:
            self.connect()
        if _current.call is not None:
            _current.call.note_write(self.sock)
        super().send(data)  # type: ignore[misc]

    def getresponse(self) -> Any:
        answer = super().getresponse()  # type: ignore[misc]
        if _current.call is not None:
            _current.call.note_status(answer.status)
        return answer


class WatchedBehindTls(Watched):
    def connect(self) -> None:
        # What a proxy is told on the way there is no message, and its no certain.
        call, _current.call = _current.call, None
        try:
            super().connect()
        finally:
            _current.call = call


class _PlainConnection(Watched, HTTPConnection):
    pass


class _SecureConnection(WatchedBehindTls, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _PlainPool, "https": _SecurePool}


class Adapter(HTTPAdapter):
    """Keeps as many connections as there are calls at a time, and repeats nothing.

    Only where a proxy stands between is it requests' own way to the wire.
    """

    def __init__(self, most: int) -> None:
        self._wire = Wire(most)
        super().__init__(pool_connections=4, pool_maxsize=most)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> PoolManager:
        if proxy.lower().startswith("socks"):
            raise InvalidProxyURL("Mail does not go through SOCKS.")
        manager: PoolManager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:  # type: ignore[override]
        call = _current.call or Call()
        call.begin()
        if kwargs.get("proxies"):
            return super().send(request, **kwargs)
        return self._ask(request, call, **kwargs)

    def _ask(
        self,
        request: PreparedRequest,
        call: Call,
        *,
        timeout: Timeout,
        verify: bool | str,
        **_kwargs: Any,
    ) -> Response:
        octets = write(request)
        connection = self._wire.connect(request, timeout, verify)
        try:
            call.note_write(connection)
            answer = self._wire.ask(connection, request, octets, call.note_status)
            call.let_go()
            self._wire.keep(connection, request, answer)
            return respond(request, answer)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        super().close()
        self._wire.close()


def take_over(session: Session, url: str, most: int) -> None:
    """Have *session* make its calls to *url* in this way, *most* at a time."""
    # Proxies and certificates of the environment are read once, not for every call,
    # which takes a third of its time.
    found = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify = found["proxies"], found["verify"]
    session.trust_env = False
    # Answers are short; to unpack them would be one more thing that can break.
    session.headers["Accept-Encoding"] = "identity"
    adapter = Adapter(most)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    # A redirected POST becomes a GET, whose 200 would read as "accepted".
    session.max_redirects = 0
    if not session.proxies:
        usual, said = session.request, dict(session.headers)
        session.request = partial(_ask_simply, session, adapter, usual, said)  # type: ignore[method-assign]


def _ask_simply(
    session: Session,
    adapter: Adapter,
    usual: Callable[..., Response],
    always: Mapping[str, str | None],
    method: str,
    url: str,
    *,
    data: Any = None,
    headers: Mapping[str, str | None] | None = None,
    timeout: Timeout = _PATIENCE,
    **more: Any,
) -> Response:
    """What most providers ask for is done here; cookies, forms, and what else
    requests prepares for every call, takes it as long as the call."""
    if any(more.values()) or not isinstance(data, str | bytes):
        return usual(method, url, data=data, headers=headers, timeout=timeout, **more)
    request = PreparedRequest()
    request.method, request.url = method, url
    request.body = data.encode() if isinstance(data, str) else data
    said = {**always, **(headers or {}), "Content-Length": str(len(request.body))}
    request.headers = _merge(said)  # type: ignore[assignment]
    answer = adapter.send(request, timeout=timeout, verify=session.verify)
    if answer.is_redirect:
        raise TooManyRedirects("Not followed.", response=answer, request=request)
    return answer


def _merge(said: Mapping[str, Any]) -> dict[str, Any]:
    """Of a header named twice, in whichever case, the later; None takes it away."""
    merged = {name.lower(): (name, value) for name, value in said.items()}
    return {name: value for name, value in merged.values() if value is not None}
