"""Is the process alive, and is every part of the product at work?"""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from . import readiness


@require_safe
@never_cache
def show_life(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


@require_safe
@never_cache
def show_readiness(request: HttpRequest) -> JsonResponse:
    parts = readiness.look()
    ready = all(part.fine for part in parts)
    described = {part.name: part.state for part in parts}
    return JsonResponse(
        {"status": "ready" if ready else "not ready", "parts": described},
        status=200 if ready else 503,
    )
