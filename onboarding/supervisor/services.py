"""The bundled servers which this start needs, and the folders they live in."""

import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from onboarding.bundled import addresses, folders, processes
from onboarding.bundled.postgres import Postgres
from onboarding.bundled.valkey import Valkey

_FORGET = """
    DO $$ BEGIN
        IF to_regclass('sequences_heartbeat') IS NULL THEN RETURN; END IF;
        DELETE FROM sequences_heartbeat WHERE id NOT IN (
            SELECT id FROM sequences_heartbeat
            WHERE part IN ('dispatcher', 'last time') ORDER BY at DESC LIMIT 1
        );
        UPDATE sequences_heartbeat
        SET part = 'last time', instance = '', installation = '';
    END $$
"""

LABELS = {"DATABASE_URL": "postgres", "REDIS_URL": "valkey"}


def postgres_home(data: Path) -> Path:
    """Below the temporary folder for root, whose own folders `nobody` cannot enter."""
    if processes.unprivileged():
        return folders.below_temp("data", data)
    return data / "postgres"


def list_missing(env: Mapping[str, str]) -> list[str]:
    """The addresses which the environment does not give."""
    return [name for name in ("DATABASE_URL", "REDIS_URL") if not _given(env, name)]


@dataclass
class Services:
    """What was started: addresses by the name of their variable, and processes."""

    addresses: dict[str, str] = field(default_factory=dict)
    servers: dict[str, Postgres | Valkey] = field(default_factory=dict)

    def start_missing(
        self, env: Mapping[str, str], data: Path, running: ExitStack
    ) -> None:
        missing = list_missing(env)
        if "DATABASE_URL" in missing:
            self._start("DATABASE_URL", Postgres(postgres_home(data)), running)
        if "REDIS_URL" in missing:
            self._start("REDIS_URL", Valkey(data / "valkey"), running)
        _publish(data, self.addresses, running)

    def list_processes(self) -> dict[str, subprocess.Popen[bytes]]:
        return {
            name: server.process
            for name, server in self.servers.items()
            if server.process is not None
        }

    def _start(self, name: str, server: Postgres | Valkey, running: ExitStack) -> None:
        running.callback(server.stop)
        self.addresses[name] = server.start()
        self.servers[LABELS[name]] = server
        if isinstance(server, Postgres):
            forget_signs_of_life(self.addresses[name])


def forget_signs_of_life(url: str) -> None:
    """Nobody uses a database that has just started: what it says is of last time.

    When it last sent is kept, as nobody's sign of life: a database that knows less than
    this computer remembers has been put back to an earlier time, and may not send.
    """
    with psycopg.connect(url) as database:
        database.execute(_FORGET)


def _publish(data: Path, found: Mapping[str, str], running: ExitStack) -> None:
    """Let other commands of this checkout, such as `manage.py audit`, find them."""
    known = addresses.Addresses(
        database=found.get("DATABASE_URL", addresses.NOWHERE_DATABASE),
        redis=found.get("REDIS_URL", addresses.NOWHERE_REDIS),
    )
    addresses.write(data, known)
    running.callback(addresses.forget, data)


def _given(env: Mapping[str, str], name: str) -> bool:
    return bool(env.get(name) or env.get(f"{name}_FILE"))
