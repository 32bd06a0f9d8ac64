"""Senders, the database and Redis have an accident of one kind, again and again."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from redis import Redis

from accounts.journal import clock
from campaigns.sequences.models import Campaign
from campaigns.sequences.sending import reap
from onboarding.bundled.valkey import Valkey
from tests.support import ledgers, senders
from tests.support.kill_points import POINTS
from tests.support.ledgers import Ledger
from tests.support.senders import Senders, is_alive

from . import _rows, _wreckage
from ._rows import Row
from ._wreckage import Wreckage
from .harness import demand, work_folder

#: One accident for so many messages: twenty of each kind in a thousand.
PER_ACCIDENT = 50
LONGEST_SECONDS = 900
_LINES = 4
#: Points that lie at a message are passed as often as messages go out; those at the
#: end of a chunk use it up, and the campaign must outlast twenty of them.
PASSAGES = {
    **dict.fromkeys(("begun", "written", "answered", "noted"), 7),
    **dict.fromkeys(("before settling", "settled"), 1),
}


@contextmanager
def _stage(
    name: str, *, lines: int = _LINES
) -> Iterator[tuple[Senders, Ledger, Valkey]]:
    folder = work_folder()
    settings.SPOOL_DIR = folder / "spool"
    valkey = Valkey(folder / f"valkey-{name}", careless=True)
    with ledgers.kept(folder / f"ledger-{name}", "tests.support.smtp_sink") as ledger:
        environment: Mapping[str, str] = {
            **os.environ,
            "REDIS_URL": valkey.start(),
            "MAIL_TRANSPORT": "smtp",
            "EMAIL_URL": f"smtp://127.0.0.1:{ledger.port}",
            "SPOOL_DIR": str(settings.SPOOL_DIR),
            "MAIL_CONNECTIONS": str(lines),
            "ALLOW_BUNDLED": "1",
            "LOG_LEVEL": "ERROR",
        }
        try:
            with senders.running(environment) as parent:
                yield parent, ledger, valkey
        finally:
            if valkey.process:
                valkey.process.send_signal(signal.SIGCONT)
            valkey.stop()


def killed(point: str, size: int) -> Row:
    """A sender dies at this point, and the next one, and the one after that."""
    began, times = time.monotonic(), max(1, size // PER_ACCIDENT)
    leaves = POINTS[point][3]
    name = f"F2 killed: {point}"
    with _stage(point.replace(" ", "-"), lines=1) as (start, ledger, _valkey):
        campaign = _rows.plan(clock.now())
        for _time in range(times):
            pid = start("worker", point=point, passage=PASSAGES.get(point, 2))
            _wait(lambda pid=pid: not is_alive(pid), name)
            reap.reap(clock.now())
        start("worker")
        _wait(lambda: not _rows.is_open(campaign), name)
        states = _rows.judge(
            name, campaign, ledger.read(), planned=size, unknown=times * leaves
        )
    expected = times * leaves
    demand(states["unknown"] == expected, f"{name}: not {expected} are unknown")
    return Row(name, times, states, time.monotonic() - began)


def struck(
    name: str, deeds: list[Callable[[Wreckage], None]], size: int, unknown: int
) -> Row:
    """Two senders at work; a deed each time so many more are out."""
    began, dice = time.monotonic(), random.Random(size)
    with _stage(deeds[0].__name__) as (start, ledger, valkey):
        campaign = _rows.plan(clock.now())
        all_ = Wreckage(start, ledger, valkey, dice)
        for kind in ("dispatcher", "worker"):
            all_.start(kind)
        for number, deed in enumerate(deeds, 1):
            goal = number * size // (len(deeds) + 1)
            _wait(lambda goal=goal: len(ledger) >= goal, name)
            deed(all_)
        _wait(lambda: _is_settled(campaign), name)
        states = _rows.judge(
            name, campaign, ledger.read(), planned=size, unknown=unknown
        )
    return Row(name, len(deeds), states, time.monotonic() - began)


def thaw_redis(all_: Wreckage) -> None:
    assert all_.valkey.process
    all_.valkey.process.send_signal(signal.SIGCONT)


def stop_redis(all_: Wreckage) -> None:
    assert all_.valkey.process
    all_.valkey.process.send_signal(signal.SIGSTOP)


def full_redis(all_: Wreckage) -> None:
    Redis.from_url(all_.valkey.url).config_set("maxmemory", 1)


def forget_the_broker(all_: Wreckage) -> None:
    redis = Redis.from_url(all_.valkey.url)
    for pattern in ("*_kombu.binding.*", "*unacked*"):
        if found := redis.keys(pattern):
            redis.delete(*found)


def another_password(all_: Wreckage) -> None:
    redis = Redis.from_url(all_.valkey.url)
    redis.ping()
    redis.config_set("maxmemory", 0)
    redis.config_set("requirepass", "another")
    redis.client_kill_filter(_type="normal", skipme=True)


def cut(all_: Wreckage) -> None:
    """Of senders only: we ask over a connection of our own."""
    connection.close()
    _wreckage.cut_connections(all_)


def crash(all_: Wreckage) -> None:
    connection.close()
    with suppress(psycopg.Error):
        _wreckage.crash_postgres(all_)


REDIS = [
    forget_the_broker,
    _wreckage.flush_redis,
    full_redis,
    stop_redis,
    thaw_redis,
    another_password,
    _wreckage.kill_redis,
]


def all_of_them(size: int) -> Iterator[Row]:
    times = max(1, size // PER_ACCIDENT)
    under_way = times * _LINES
    for point in POINTS:
        yield killed(point, size)
    yield struck("F5, F6 Redis forgets, is full, frozen, locked, dead", REDIS, size, 0)
    yield struck("F7 connections cut", [cut] * times, size, under_way)
    yield struck("F7 PostgreSQL crashes", [crash] * times, size, under_way)


def _is_settled(campaign: Campaign) -> bool:
    """The database may be down this very moment."""
    try:
        return not _rows.is_open(campaign)
    except (OperationalError, InterfaceError):
        connection.close()
        return False


def _wait(until: Callable[[], bool], name: str) -> None:
    ends = time.monotonic() + LONGEST_SECONDS
    while not until():
        demand(time.monotonic() < ends, f"{name}: it did not end in time")
        time.sleep(0.02)
