"""Turns away a body that is too big before anybody reads it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse

View = Callable[..., HttpResponseBase]


def at_most(size: int) -> Callable[[View], View]:
    """For `ninja.decorators.decorate_view`: 413 for more than `size` bytes."""

    def decorate(view: View) -> View:
        @wraps(view)
        def limited(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if int(request.META.get("CONTENT_LENGTH") or 0) > size:
                told = {"detail": f"A call has at most {size} bytes; send several."}
                return JsonResponse(told, status=413)
            return view(request, *args, **kwargs)

        return limited

    return decorate
