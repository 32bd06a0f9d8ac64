"""Is the process alive, and is every part of the product at work?"""

from collections.abc import Callable
from time import monotonic

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from . import metrics, readiness


class HealthMiddleware:
    """Answers the probes of supervisors and load balancers before anything else.

    They come by number instead of host name, in clear text and without a cookie:
    neither the host check nor a redirect nor a session has business with them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        show = PAGES.get(request.path_info)
        if show is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return JsonResponse({"status": "ask with GET"}, status=405)
        answer = show(request)
        answer["Cache-Control"] = "no-store"
        return answer


def show_life(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


def show_readiness(request: HttpRequest) -> JsonResponse:
    parts = readiness.look_again(monotonic())
    ready = not any(part.stops for part in parts)
    return JsonResponse(
        {
            "status": "ready" if ready else "not ready",
            "parts": {part.name: part.state for part in parts},
        },
        status=200 if ready else 503,
    )


PAGES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": show_life,
    "/readyz": show_readiness,
    "/metrics": metrics.show,
}
