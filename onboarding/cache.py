"""A cache that may vanish: while it is gone, each process remembers for itself.

What stands in it guards the log-in and the personal links against guessing. Gone, it
must neither stop those who may come in nor let guessing go on uncounted.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

#: A cache that failed is not asked again for so long: a frozen one costs every visitor
#: a second.
REST_SECONDS = 15
GONE = (RedisError, OSError)

#: Server → when to ask it again. Every thread has a cache object of its own.
_rests_until: dict[str, float] = {}


class CautiousCache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._server = server
        self._spare = LocMemCache(f"spare of {server}", {"KEY_PREFIX": self.key_prefix})

    def ping(self) -> None:
        """Raises when the server does not answer."""
        self._cache.get_client(None).ping()

    def _ask(self, name: str, *args: Any, **options: Any) -> Any:
        if monotonic() >= _rests_until.get(self._server, 0.0):
            ask: Callable[..., Any] = getattr(super(), name)
            try:
                return ask(*args, **options)
            except GONE as error:
                _rests_until[self._server] = monotonic() + REST_SECONDS
                log.warning("cache_is_gone", error=type(error).__name__)
        return getattr(self._spare, name)(*args, **options)


def _careful(name: str) -> Callable[..., Any]:
    def method(self: CautiousCache, *args: Any, **options: Any) -> Any:
        return self._ask(name, *args, **options)

    method.__name__ = name
    return method


for _name in (
    *("add", "get", "set", "touch", "delete", "clear", "has_key", "incr"),
    *("get_many", "set_many", "delete_many"),
):
    setattr(CautiousCache, _name, _careful(_name))
