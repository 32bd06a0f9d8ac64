"""The parts of the product, and the command line of each."""

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Part:
    name: str
    command: tuple[str, ...]


def list_parts(base: Path, *, host: str, port: int, threads: int) -> list[Part]:
    """In the order in which they start; they stop the other way round."""
    manage = (sys.executable, str(base / "manage.py"))
    celery = (sys.executable, "-m", "celery", "--quiet", "-A", "onboarding")
    alone = ("--without-gossip", "--without-mingle")
    worker = (*celery, "worker", "--concurrency=1", *alone)
    return [
        Part("web", _web(host, port, threads)),
        Part("worker", (*worker, "-n", "worker@%h", "-Q", "dispatch,webhooks")),
        # Apart, so that a long import or report never keeps the bell waiting.
        Part("jobs", (*worker, "-n", "jobs@%h", "-Q", "imports,reports")),
        Part("dispatcher", (*manage, "dispatch")),
        Part("beat", (*celery, "beat", "--pidfile=")),
    ]


def _web(host: str, port: int, threads: int) -> tuple[str, ...]:
    return (
        *(sys.executable, "-m", "gunicorn", "onboarding.wsgi"),
        *("--bind", f"{host}:{port}", "--worker-class", "gthread"),
        *("--workers", "1", "--threads", str(threads), "--no-control-socket"),
        *("--graceful-timeout", "10", "--log-level", "warning"),
    )
