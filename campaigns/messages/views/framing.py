"""Showing a mail's HTML: in a frame that runs nothing, sends nothing, knows nobody."""

from functools import wraps
from typing import Any, cast

from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin

from .pages import P, View

_POLICY: dict[str, Any] = {
    "default-src": ["'none'"],
    "script-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    # Logos come from the address that mails name, which may be another of ours.
    "img-src": ["'self'", settings.SITE_URL, "https:", "data:"],
    "frame-src": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
    # No scripts, no forms, an origin of its own; links open in a new tab.
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


def framed(view: View[P]) -> View[P]:
    """For a view that answers with a mail's own HTML."""

    @wraps(view)
    def bare(request: HttpRequest, *args: P.args, **options: P.kwargs) -> HttpResponse:
        response = view(request, *args, **options)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return cast(
        "View[P]", csp_replace(_POLICY)(cast("Any", xframe_options_sameorigin(bare)))
    )


def show_pictures(view: View[P]) -> View[P]:
    """For a page of ours whose preview shows pictures from anywhere, as mails do."""
    return cast(
        "View[P]",
        csp_update({"img-src": [settings.SITE_URL, "https:"]})(cast("Any", view)),
    )


def open_links_outside(html: str) -> str:
    """Make each link open a new tab that knows nothing of the one it came from."""
    return html.replace("<a ", '<a target="_blank" rel="noopener noreferrer" ')
