"""PostgreSQL and Valkey for one benchmark, on loopback, durable as in production."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from onboarding.bundled.postgres import Postgres
from onboarding.bundled.valkey import Valkey

from .harness import WORK


@contextmanager
def started(*, database: bool, apps: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """The environment in which every process of the benchmark runs."""
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="onboarding-bench-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        home.chmod(0o711)
        work = home / "work"
        work.mkdir()
        chosen = {
            WORK: str(work),
            "DATA_DIR": str(home / "data"),
            "ENV_FILE": os.devnull,
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "BENCH_APPS": ",".join(apps),
            "BROKER_PREFIX": f"bench-{os.getpid()}:",
        }
        if database:
            chosen |= _servers(home, stack)
        yield {**os.environ, **chosen}


def _servers(home: Path, stack: ExitStack) -> dict[str, str]:
    postgres, valkey = Postgres(home / "postgres"), Valkey(home / "valkey")
    stack.callback(postgres.stop)
    stack.callback(valkey.stop)
    return {"DATABASE_URL": postgres.start(), "REDIS_URL": valkey.start()}
