"""What gives a machine away at once, before anything else is known of it."""

import re

from django.http import HttpRequest

#: Nobody but a program follows what no person sees.
TRAPPED = 100
#: It says so itself, or asks as no reader's program does.
SURE = 99

_AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
# Programs that name themselves. "Cubot" is a telephone. What Gmail and Yahoo fetch
# images with is none of them: they fetch when a person opens the message.
_NAMED = re.compile(
    r"(?<!cu)bot\b|crawl|spider|scan|preview|headless|phantomjs|monitor|barracuda"
    r"|mimecast|proofpoint|messagelabs|symantec|sophos|fortinet|trendmicro|cloudmark"
    r"|checkpoint|ironport|zscaler|virustotal|facebookexternalhit|slack|whatsapp"
    r"|curl/|wget/|python|urllib|aiohttp|httpx|okhttp|java/|libwww|go-http-client"
    r"|axios|node-fetch|apache-httpclient|powershell|ruby|php/",
    re.IGNORECASE,
)
#: Apple's Mail fetches images so, whether or not anybody opens the message.
_BARE = "mozilla/5.0"


def certainty(request: HttpRequest) -> int:
    """How surely a machine asks, in per cent; 0 where nothing says so."""
    if request.method == "HEAD" or _fetches_ahead(request):
        return SURE
    agent = request.headers.get("User-Agent", "").strip().lower()
    return SURE if agent in {"", _BARE} or _NAMED.search(agent) else 0


def _fetches_ahead(request: HttpRequest) -> bool:
    said = " ".join(request.headers.get(name, "") for name in _AHEAD).lower()
    return any(word in said for word in ("prefetch", "preview", "prerender"))
