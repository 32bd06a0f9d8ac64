"""What the page "Sending now" shows, for Prometheus: its text format, by hand.

Gauges only, from the same reading as the page; a client library would bring
registries and processes' files for what fits into thirty lines.
"""

import hmac
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.journal import clock
from campaigns.sequences.arming import State
from campaigns.sequences.results import live
from campaigns.sequences.results.live import Live

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

#: Labels of a sample, and its value.
Sample = tuple[dict[str, str], float]
Metric = tuple[str, str, list[Sample]]


def show(request: HttpRequest) -> HttpResponse:
    """Answers who brings the token; without one in the settings, nobody."""
    token = settings.METRICS_TOKEN
    if not token:
        return HttpResponse("No METRICS_TOKEN is set.\n", "text/plain", 404)
    brought = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(brought, f"Bearer {token}".encode()):
        refused = HttpResponse("Bring the token as “Bearer …”.\n", "text/plain", 401)
        refused["WWW-Authenticate"] = "Bearer"
        return refused
    return HttpResponse(write(live.read(clock.now())), CONTENT_TYPE)


def write(found: Live) -> str:
    return "".join(_lines(found))


def _lines(found: Live) -> Iterator[str]:
    for name, explanation, samples in _metrics(found):
        yield f"# HELP onboarding_{name} {explanation}\n"
        yield f"# TYPE onboarding_{name} gauge\n"
        for labels, value in samples:
            yield f"onboarding_{name}{_write_labels(labels)} {value:g}\n"


def _metrics(found: Live) -> Iterator[Metric]:
    armed = found.arming is State.ARMED
    plain = {
        "armed": ("May this database send (1) or not (0)?", armed),
        "due": ("Messages due now in campaigns that run.", found.due),
        "held": ("Messages due in campaigns that are paused.", found.held),
        "later": ("Messages planned for later.", found.later),
        "in_hand": ("Messages in a sender's hands.", found.in_hand),
        "unknown": ("Messages of an unknown fate.", found.unknown),
        "oldest_due_seconds": ("Age of the oldest due.", found.oldest_seconds),
        "campaigns_past_threshold": ("Warned or stopped.", len(found.findings)),
    }
    for name, (explanation, value) in plain.items():
        yield name, explanation, [({}, float(value))]
    alive = [({"part": part}, float(n)) for part, n in found.alive.items()]
    yield "alive", "Instances that showed themselves within 30 s.", alive
    own = [(way, {"provider": way.lane.provider}) for way in found.ways if way.is_own]
    yield (
        "sent_per_minute",
        "Messages the provider takes a minute.",
        [(labels, way.per_minute) for way, labels in own],
    )
    yield (
        "last_hour",
        "What became of messages within the last hour.",
        [
            ({**labels, "fate": fate}, float(number))
            for way, labels in own
            for fate, number in way.hour.items()
        ],
    )
    yield (
        "provider_open",
        "Does it take messages (1), or is it stopped, waiting or out of reach (0)?",
        [(labels, float(way.state in {"open", "used_up"})) for way, labels in own],
    )
    yield (
        "taken_today",
        "Messages that count towards the day's limit.",
        [(labels, float(way.taken)) for way, labels in own],
    )


def _write_labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    written = ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items())
    return f"{{{written}}}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
