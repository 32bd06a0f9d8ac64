"""The door at which providers post. It proves, stores, and answers; others read.

`GateMiddleware` opens it before sessions, log-ins and languages are looked at, which
a provider has none of and which take most of a request's time.
"""

from collections.abc import Callable

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from accounts.journal import clock

from . import desk, proving
from .desk import Came
from .providers import PROVIDERS
from .refusals import Refused

log = structlog.get_logger(__name__)

ROOT = "webhooks/"
_ASK = 'Basic realm="webhooks"'


class GateMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info[1:]
        if not path.startswith(ROOT):
            return self.get_response(request)
        provider, _slash, kind = path.removeprefix(ROOT).strip("/").partition("/")
        if kind not in {"", "inbound"}:
            return HttpResponse(status=404)
        answer = receive(request, provider, inbound=bool(kind))
        # Or the server would send it in pieces: one more packet for nothing.
        answer["Content-Length"] = str(len(answer.content))
        return answer


@csrf_exempt
@login_not_required
def receive(
    request: HttpRequest, provider: str, *, inbound: bool = False
) -> HttpResponse:
    """Take a post in. Anything but a POST is a provider that tries the address."""
    known = PROVIDERS.get(provider) if provider in settings.WEBHOOKS else None
    if known is None or (inbound and not known.inbound):
        return HttpResponse(status=404)
    if settings.HTTPS and not request.is_secure():
        # A redirect would have a secret come in the clear again and again.
        return HttpResponse("https only", status=403)
    if request.method != "POST":
        return _greet(request)
    if provider == "amazon_ses" and "Authorization" not in request.headers:
        # SNS sends its secret only when asked.
        return HttpResponse(status=401, headers={"WWW-Authenticate": _ASK})
    return _take(request, provider, known.headers, inbound=inbound)


def _greet(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=200 if request.method in {"GET", "HEAD"} else 405)


def _take(
    request: HttpRequest, provider: str, headers: tuple[str, ...], *, inbound: bool
) -> HttpResponse:
    try:
        body = request.body
        signed = proving.prove(provider, request, inbound=inbound)
        if signed is not None:
            proving.check_age(provider, signed, clock.now())
        desk.take(Came(provider, body, *_described(request, headers), inbound))
    except RequestDataTooBig:
        return HttpResponse(status=413)
    except UnreadablePostError:
        return HttpResponse(status=400)
    except Refused as refused:
        log.warning("report_refused", provider=provider, why=str(refused))
        return HttpResponse(status=400)
    except DatabaseError as error:
        log.warning("report_not_stored", provider=provider, error=type(error).__name__)
        return HttpResponse(status=503)
    return HttpResponse()


def _described(
    request: HttpRequest, names: tuple[str, ...]
) -> tuple[str, dict[str, str]]:
    """The content type, and of the headers those that the reading will need."""
    kept = {name: request.headers[name] for name in names if name in request.headers}
    return request.headers.get("Content-Type", ""), kept
