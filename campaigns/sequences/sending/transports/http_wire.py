"""HTTP/1.1 over kept connections, for calls of one request and one short answer.

urllib3 and http.client's own writing take ten times the processor's time for it. What
they do beyond, we must not have (repeats) or do not need. Certificates are checked
as requests would; the answer's form is read by http.client.
"""

import select
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Callable
from functools import cache, lru_cache
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from requests import ConnectTimeout, PreparedRequest, ReadTimeout, Response
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import InvalidHeader, SSLError
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from . import http_answer
from .http_answer import Answer

#: Seconds, or those for the connection and those for each piece of the answer.
Timeout = float | tuple[float, float]

#: A connection that rested longer may be cut off by now, without a sign of it here.
REST_SECONDS = 15.0
_PORTS = {"http": 80, "https": 443}


class Place(NamedTuple):
    scheme: str
    host: str
    port: int


class _Resting(NamedTuple):
    connection: socket.socket
    since: float


class Wire:
    """Connections by place; several threads may ask at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._resting: dict[Place, list[_Resting]] = defaultdict(list)

    def connect(
        self, request: PreparedRequest, timeout: Timeout, verify: bool | str
    ) -> socket.socket:
        """A connection that lives as far as can be seen. Raises what requests would."""
        place = _place(request.url or "")
        connecting, reading = timeout if isinstance(timeout, tuple) else (timeout,) * 2
        while resting := self._resting[place]:
            try:
                found, since = resting.pop()
            except IndexError:
                # Another thread was quicker.
                break
            is_fresh = time.monotonic() - since <= REST_SECONDS
            if is_fresh and not _has_something_to_say(found):
                found.settimeout(reading)
                return found
            found.close()
        dialled = _dial(place, connecting, verify)
        dialled.settimeout(reading)
        return dialled

    def ask(
        self,
        connection: socket.socket,
        request: PreparedRequest,
        octets: bytes,
        note_status: Callable[[int], None],
    ) -> Answer:
        """Put *octets* on the wire and read the answer to them."""
        try:
            connection.sendall(octets)
            return http_answer.read(connection, str(request.method), note_status)
        except TimeoutError as error:
            raise ReadTimeout(error, request=request) from error
        except (OSError, HTTPException) as error:
            raise NoConnection(error, request=request) from error

    def keep(
        self, connection: socket.socket, request: PreparedRequest, answer: Answer
    ) -> None:
        """For the next call, whoever's it is, where the server keeps it, too."""
        resting = self._resting[_place(request.url or "")]
        if answer.is_last or len(resting) >= self._most:
            connection.close()
        else:
            resting.append(_Resting(connection, time.monotonic()))

    def close(self) -> None:
        for resting in self._resting.values():
            while resting:
                resting.pop().connection.close()


@lru_cache(maxsize=64)
def _place(url: str) -> Place:
    parts = urlsplit(url)
    return Place(
        str(parts.scheme),
        str(parts.hostname or ""),
        parts.port or _PORTS[str(parts.scheme)],
    )


def _has_something_to_say(connection: socket.socket) -> bool:
    """Between two requests that can only be its end."""
    asked = select.poll()
    asked.register(connection, select.POLLIN)
    return bool(asked.poll(0))


def _dial(place: Place, timeout: float, verify: bool | str) -> socket.socket:
    try:
        connection = socket.create_connection((place.host, place.port), timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if place.scheme == "http":
            return connection
        return _trust(verify).wrap_socket(connection, server_hostname=place.host)
    except TimeoutError as error:
        raise ConnectTimeout(error) from error
    except ssl.SSLError as error:
        raise SSLError(error) from error
    except (OSError, UnicodeError) as error:
        # Of a name that cannot be one, too.
        raise NoConnection(error) from error


@cache
def _trust(verify: bool | str) -> ssl.SSLContext:
    known = Path(verify if isinstance(verify, str) else DEFAULT_CA_BUNDLE_PATH)
    if known.is_dir():
        return ssl.create_default_context(capath=known)
    return ssl.create_default_context(cafile=known)


def write(request: PreparedRequest) -> bytes:
    """The octets of a request. Raises `InvalidHeader`."""
    headers = {"Host": urlsplit(request.url or "").netloc, **request.headers}
    lines = [f"{request.method} {request.path_url} HTTP/1.1"]
    lines += [f"{name}: {_text(value)}" for name, value in headers.items()]
    head = "\n".join([*lines, "\n"])
    if head.count("\n") != len(lines) + 1 or "\r" in head:
        raise InvalidHeader("A header of several lines.", request=request)
    return head.replace("\n", "\r\n").encode("latin-1") + _octets(request.body)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _octets(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return bytes(body or b"")


def respond(request: PreparedRequest, answer: Answer) -> Response:
    """The answer as requests gives it."""
    response = Response()
    response.status_code, response.reason = answer.status, answer.reason
    response.headers = CaseInsensitiveDict(answer.headers)
    response.request, response.url = request, request.url or ""
    response._content, response._content_consumed = answer.body, True
    return response
