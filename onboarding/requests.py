"""How a request is told in the logs: by its route and its ids, never its address."""

from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve
from django_structlog.middlewares import RequestMiddleware as Told

from .scrubbing import scrub_text


class RequestMiddleware(Told):
    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {tell(request)}"


def tell(request: HttpRequest) -> str:
    """``/admin/sequences/campaign/<path:object_id>/change/ object_id=7``"""
    match = request.resolver_match or _resolve(request.path_info)
    if match is None:
        return scrub_text(request.path_info)
    return " ".join([f"/{match.route}", *_ids(match)])


def _ids(match: ResolverMatch) -> list[str]:
    """Numbers name rows; whatever else stands in an address may be a secret."""
    numbers = match.kwargs.items()
    return [f"{name}={value}" for name, value in numbers if str(value).isdecimal()]


def _resolve(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None
