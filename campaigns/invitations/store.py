"""The way into the web store."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID

from django.conf import settings


def front() -> str:
    return str(settings.STORE_URL)


def entrance(reference: UUID) -> str:
    """The store's address with the invitation's reference, which opens nothing here."""
    parts = urlsplit(front())
    query = [*parse_qsl(parts.query), ("invitation", str(reference))]
    return urlunsplit(parts._replace(query=urlencode(query)))


def origin() -> str:
    parts = urlsplit(front())
    return f"{parts.scheme}://{parts.netloc}"
