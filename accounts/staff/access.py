"""How a request proves which system sends it: `auth=KeyAccess("events")` on a route.

    Authorization: Bearer onb_…      or      X-API-Key: onb_…

The key is then ``request.auth``, an `ApiKey`; its ``source`` names the system, and
nothing in the body can name another.
"""

from datetime import datetime

from django.db import connection
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security.base import AuthBase

from . import keys
from .models import ApiKey


class KeyAccess(AuthBase):
    """For one scope. A key in the address is never looked at: addresses are logged."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__()

    def __call__(self, request: HttpRequest) -> ApiKey | None:
        secret = _given(request)
        key = keys.find(secret, now()) if secret else None
        if key is not None and self.scope not in key.scopes:
            raise HttpError(403, f"This key does not open “{self.scope}”.")
        return key


def _given(request: HttpRequest) -> str:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() == "bearer":
        return secret.strip()
    return request.headers.get("X-API-Key", "").strip()


def now() -> datetime:
    """The database's clock: a key expires for all our machines at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        instant: datetime = cursor.fetchone()[0]
    return instant
