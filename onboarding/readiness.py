"""The parts which must work before the product is ready."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Lock

import structlog
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from redis import Redis

from accounts.journal import clock, partitions

from . import heartbeats
from .cache import CautiousCache

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Part:
    name: str
    fine: bool
    state: str

    @property
    def stops(self) -> bool:
        """Is the product not ready because of it?"""
        return not self.fine and self.name not in SPARED


#: How long an answer holds.
GOOD_FOR_SECONDS = 2.0

_lock = Lock()
_seen: dict[str, tuple[float, list[Part]]] = {}


def look() -> list[Part]:
    """Every part with its state, in words that give nothing away."""
    return [_try(name, probe) for name, probe in PROBES.items()]


def look_again(now: float) -> list[Part]:
    """As seen within the last seconds: strangers may ask, and each look has a price.

    *now* is by a monotonic clock, in seconds.
    """
    with _lock:
        seen_at, parts = _seen.get("parts", (-GOOD_FOR_SECONDS, []))
        if now - seen_at >= GOOD_FOR_SECONDS:
            parts = look()
            _seen["parts"] = (now, parts)
    return parts


def _try(name: str, probe: Callable[[], str | None]) -> Part:
    """A probe says what is wrong, or nothing."""
    try:
        wrong = probe()
    except Exception as error:  # noqa: BLE001 - whatever it is, the part is not fine
        log.warning("part_not_ready", part=name, error=type(error).__name__)
        return Part(name, fine=False, state="no answer")
    return Part(name, fine=wrong is None, state=wrong or "fine")


def probe_database() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return None


def probe_broker() -> str | None:
    broker = Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
    )
    with broker:
        broker.ping()
    return None


def probe_cache() -> str | None:
    """Gone, it delays nobody: see `cache`."""
    if isinstance(cache := caches["default"], CautiousCache):
        cache.ping()
    return None


def probe_heartbeat(part: str) -> str | None:
    age = heartbeats.read_age(part)
    if age is None:
        return "never seen"
    return None if age <= heartbeats.PATIENCE_SECONDS else f"silent for {age} s"


def probe_next_month() -> str | None:
    """The journal's month to come must be there well before it begins."""
    ready = partitions.ready(clock.now())
    return None if ready else "no partition for next month"


#: Told, but no reason to take no more visitors.
SPARED = frozenset({"cache"})

PROBES: dict[str, Callable[[], str | None]] = {
    "database": probe_database,
    "broker": probe_broker,
    "cache": probe_cache,
    "worker": partial(probe_heartbeat, "worker"),
    "dispatcher": partial(probe_heartbeat, "dispatcher"),
    "beat": partial(probe_heartbeat, "beat"),
    "next_month": probe_next_month,
}
