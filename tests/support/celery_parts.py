"""Celery's own processes as the product starts them, on a Redis of the test's own."""

import subprocess
import sys
from collections.abc import Mapping

import psutil
from redis import Redis

from campaigns.sequences import nudge
from onboarding.bundled import processes
from onboarding.celery import app

Process = subprocess.Popen[bytes]


def start(environment: Mapping[str, str], part: str, *options: str) -> Process:
    """``worker`` or ``beat``, in a session of its own."""
    celery = (sys.executable, "-m", "celery", "--quiet", "-A", "onboarding")
    return processes.spawn(
        (*celery, part, *options), env=environment, output=subprocess.DEVNULL
    )


def start_worker(environment: Mapping[str, str], name: str = "worker") -> Process:
    """What rings for it is kept until it listens."""
    alone = ("--without-gossip", "--without-mingle", "--concurrency=1")
    name = f"{name}@%h"
    return start(environment, "worker", *alone, "-n", name, "-Q", "dispatch")


def ring(url: str) -> None:
    """Ring for a worker at the broker *url* to send."""
    with app.connection_for_write(url) as broker:
        app.send_task(
            nudge.SEND, queue="dispatch", connection=broker, ignore_result=True
        )


def keys(url: str, pattern: str) -> list[bytes]:
    return list(Redis.from_url(url).scan_iter(pattern))


def child_of(worker: Process) -> psutil.Process:
    """The process of a worker's pool that does the work."""
    (child,) = psutil.Process(worker.pid).children()
    return child
