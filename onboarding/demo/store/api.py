"""The product's public API, as a store's programmer would call it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import OpenerDirector, ProxyHandler, Request, build_opener

from django.conf import settings

from . import key

SECONDS = 5
#: Nobody stands between the store and the API.
_opener: OpenerDirector = build_opener(ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` 0: no answer at all, so that it is to be tried again."""

    status: int
    body: Any

    @property
    def is_final(self) -> bool:
        """The API has decided, if only that it does not want this."""
        server = HTTPStatus.INTERNAL_SERVER_ERROR
        return 0 < self.status < server and self.status not in {401, 403, 408, 429}


def post_events(events: Sequence[dict[str, Any]]) -> Answer:
    return _call("POST", "/api/v1/events", {"events": list(events)})


def get_invitation(reference: str) -> Answer:
    return _call("GET", f"/api/v1/invitations/{quote(reference, safe='')}")


def _call(method: str, path: str, body: Any = None) -> Answer:
    """One call, and one more with a new key where the old one is no longer known."""
    answer = _send(method, path, body, key.current())
    if answer.status == HTTPStatus.UNAUTHORIZED:
        answer = _send(method, path, body, key.renew())
    return answer


def _send(method: str, path: str, body: Any, secret: str) -> Answer:
    request = Request(  # noqa: S310 - the address is our own setting's
        settings.SITE_URL + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {secret}",
            "Content-Type": "application/json",
            "Accept": "application/json",
        },
        method=method,
    )
    try:
        with _opener.open(request, timeout=SECONDS) as response:
            return Answer(response.status, json.load(response))
    except HTTPError as error:
        return Answer(error.code, _read(error))
    except (URLError, OSError, ValueError):
        return Answer(0, None)


def _read(error: HTTPError) -> Any:
    try:
        return json.load(error)
    except ValueError:
        return None
