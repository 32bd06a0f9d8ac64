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
from functools import cache
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from requests import ConnectTimeout, PreparedRequest, ReadTimeout, Response
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import InvalidHeader, SSLError
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH

#: Seconds, or those for the connection and those for each piece of the answer.
Timeout = float | tuple[float, float]

#: A connection that rested longer may be cut off by now, without a sign of it here.
REST_SECONDS = 15.0
#: Octets; what a provider answers is a few hundred long.
_LONGEST_ANSWER = 1_000_000
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
        place = _place(request)
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
        self, connection: socket.socket, request: PreparedRequest, octets: bytes
    ) -> HTTPResponse:
        """Put *octets* on the wire and read how the answer to them begins."""
        try:
            connection.sendall(octets)
            answer = HTTPResponse(connection, method=request.method)
            answer.begin()
            while answer.status < 200:
                # Only word that the answer is to come (RFC 9110 15.2).
                answer.headers = None  # type: ignore[assignment]
                answer.begin()
        except TimeoutError as error:
            raise ReadTimeout(error, request=request) from error
        except (OSError, HTTPException) as error:
            raise NoConnection(error, request=request) from error
        return answer

    def read(self, request: PreparedRequest, answer: HTTPResponse) -> Response:
        """The rest of the answer."""
        try:
            body = answer.read(_LONGEST_ANSWER)
            if answer.length or answer.read(1):
                raise HTTPException("An answer cut off, or without an end.")
        except (OSError, HTTPException) as error:
            raise NoConnection(error, request=request) from error
        return _response(request, answer, body)

    def keep(
        self, connection: socket.socket, request: PreparedRequest, answer: HTTPResponse
    ) -> None:
        """For the next call, whoever's it is, where the server keeps it, too."""
        resting = self._resting[_place(request)]
        if answer.will_close or len(resting) >= self._most:
            connection.close()
        else:
            resting.append(_Resting(connection, time.monotonic()))

    def close(self) -> None:
        for resting in self._resting.values():
            while resting:
                resting.pop().connection.close()


def _place(request: PreparedRequest) -> Place:
    parts = urlsplit(request.url or "")
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
    if any("\r" in line or "\n" in line for line in lines):
        raise InvalidHeader("A header of several lines.", request=request)
    head = "\r\n".join([*lines, "\r\n"]).encode("latin-1")
    return head + _octets(request.body)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _octets(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    return bytes(body or b"")


def _response(request: PreparedRequest, answer: HTTPResponse, body: bytes) -> Response:
    response = Response()
    response.status_code, response.reason = answer.status, answer.reason
    response.headers = CaseInsensitiveDict(answer.getheaders())
    response.request, response.url = request, request.url or ""
    response._content, response._content_consumed = body, True
    return response
