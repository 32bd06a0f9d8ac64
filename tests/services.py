"""PostgreSQL and Valkey for one run of the tests, unless addresses are given.

Started when tests/conftest.py is imported, before anything asks Django for its
settings. The workers of pytest-xdist inherit the addresses of their controller.
"""

import atexit
import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import django

from onboarding.bundled import processes
from onboarding.bundled.postgres import Postgres
from onboarding.bundled.valkey import Valkey

PREFIX = "onboarding-test"
running = ExitStack()


def begin() -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _start()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()


def end() -> None:
    running.close()


def _start() -> None:
    atexit.register(end)
    _sweep()
    home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}-{os.getpid()}-"))
    home.chmod(0o711)
    running.callback(shutil.rmtree, home, ignore_errors=True)
    _forget_environment()
    os.environ["DATA_DIR"] = str(home / "data")
    if not os.environ.get("DATABASE_URL"):
        postgres = Postgres(home / "postgres", careless=True)
        running.callback(postgres.stop)
        os.environ["DATABASE_URL"] = postgres.start()
    if not os.environ.get("REDIS_URL"):
        valkey = Valkey(home / "valkey", careless=True)
        running.callback(valkey.stop)
        os.environ["REDIS_URL"] = valkey.start()


def _forget_environment() -> None:
    """A developer's own .env decides nothing here."""
    os.environ["ENV_FILE"] = os.devnull
    os.environ["LOG_LEVEL"] = "WARNING"
    os.environ["BROKER_PREFIX"] = f"test-{os.getpid()}:"


def _sweep() -> None:
    """Remove what a killed run could not remove itself."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}-*-*"):
        pid = folder.name.removeprefix(PREFIX).split("-")[1]
        if pid.isdecimal() and not processes.is_alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
