"""Amazon's own library, made to tell how far a call came and to repeat nothing.

It has connections of its own, and its exceptions do not tell whether the request was
on the wire: behind a proxy, an answer that got lost reads like a refused CONNECT.
"""

from typing import Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)

from .http_calls import Watched, WatchedBehindTls


class _PlainConnection(Watched, AWSHTTPConnection):
    pass


class _SecureConnection(WatchedBehindTls, AWSHTTPSConnection):
    pass


class _PlainPool(AWSHTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(AWSHTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def forbid_repeating(backend: Any, most: int) -> None:
    """It would send again what may have been sent."""
    config = backend.client_params["config"]
    once = type(config)(retries={"total_max_attempts": 1}, max_pool_connections=most)
    backend.client_params["config"] = config.merge(once)


def watch(backend: Any) -> bool:
    """Have the calls of *backend*, once open, note what they write.

    False where the library has changed: then every call may have reached Amazon.
    """
    session = getattr(getattr(backend.client, "_endpoint", None), "http_session", None)
    pools = getattr(session, "_pool_classes_by_scheme", None)
    if not isinstance(pools, dict) or pools.keys() != {"http", "https"}:
        return False
    # The same dictionary serves connections with a proxy between.
    pools.update(http=_PlainPool, https=_SecurePool)
    return True
