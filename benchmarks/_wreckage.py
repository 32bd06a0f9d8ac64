"""Senders at work, and what is done to them and to everything around them."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg
from django.db import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from onboarding.bundled.valkey import Valkey
from tests.support import senders
from tests.support.kill_points import POINTS
from tests.support.ledgers import Ledger
from tests.support.senders import Senders, kill

LEASE_SECONDS = 6
FAULTS_PER_KILL = 3


@dataclass
class Wreckage:
    """What is running, and what has been done to it."""

    senders: Senders
    ledger: Ledger
    valkey: Valkey
    dice: random.Random
    running: dict[int, str] = field(default_factory=dict)
    #: Never killed, so that its memory shows what hours do to it.
    sheltered: int = 0
    kills: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    thaw_at: dict[int, float] = field(default_factory=dict)

    def start(self, kind: str, **order: object) -> None:
        pid = self.senders(kind, lease=LEASE_SECONDS, **order)
        self.running[pid] = kind
        self.sheltered = self.sheltered or pid

    def strike(self) -> None:
        """A kill one time in three, or else something around the senders."""
        blow = self.kill if self.dice.random() < 1 / FAULTS_PER_KILL else self.fault
        blow()

    def kill(self) -> None:
        """One sender where it stands; the next one dies at a named point."""
        pid = self.dice.choice([one for one in self.running if one != self.sheltered])
        kill(pid)
        kind = self.running.pop(pid)
        self.kills += 1
        point = self.dice.choice(list(POINTS))
        self.start(kind, point=point, passage=self.dice.randint(1, 40))

    def replace_the_dead(self) -> None:
        """Whoever has died at his point is followed by one who will not."""
        for pid, kind in list(self.running.items()):
            if not senders.is_alive(pid):
                del self.running[pid]
                self.kills += 1
                self.start(kind)
        for pid, at in list(self.thaw_at.items()):
            if time.monotonic() > at:
                kill(pid, signal.SIGCONT)
                del self.thaw_at[pid]

    def fault(self) -> None:
        deed = self.dice.choice(FAULTS)
        self.faults[deed.__name__] += 1
        with suppress(RedisError, psycopg.Error, OperationalError):
            deed(self)

    def end(self) -> None:
        for pid in self.thaw_at:
            kill(pid, signal.SIGCONT)
        if self.valkey.process:
            self.valkey.process.send_signal(signal.SIGCONT)


def freeze_a_sender(all_: Wreckage) -> None:
    pid = all_.dice.choice(list(all_.running))
    kill(pid, signal.SIGSTOP)
    all_.thaw_at[pid] = time.monotonic() + LEASE_SECONDS * all_.dice.choice([0.2, 1.5])


def flush_redis(all_: Wreckage) -> None:
    _redis(all_).flushall()


def fill_redis(all_: Wreckage) -> None:
    _redis(all_).config_set("maxmemory", all_.dice.choice([0, 1]))


def freeze_redis(all_: Wreckage) -> None:
    assert all_.valkey.process
    all_.valkey.process.send_signal(all_.dice.choice([signal.SIGSTOP, signal.SIGCONT]))


def kill_redis(all_: Wreckage) -> None:
    assert all_.valkey.process
    all_.valkey.process.kill()


def cut_connections(all_: Wreckage) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def crash_postgres(all_: Wreckage) -> None:
    """A process of it dies, and it starts anew from its log, for everybody."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        row = other.execute("SELECT pg_backend_pid()").fetchone()
        assert row
        os.kill(row[0], signal.SIGKILL)


FAULTS: tuple[Callable[[Wreckage], None], ...] = (
    freeze_a_sender,
    flush_redis,
    fill_redis,
    freeze_redis,
    kill_redis,
    cut_connections,
    crash_postgres,
)


def _redis(all_: Wreckage) -> Redis:
    return Redis.from_url(all_.valkey.url, socket_timeout=0.5)
