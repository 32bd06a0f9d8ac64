"""Senders as processes, forked from one that has loaded everything: in an instant.

``python -m tests.support.senders`` forks a sender for each line of JSON on its
standard input, and answers with its process id. `Order` says what can be asked for.
As Celery's own prefork does, a worker runs the task again and again in a child.
"""

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta

import django

from onboarding.bundled.processes import die_with_parent


@dataclass
class Order:
    #: "worker" or "dispatcher".
    kind: str
    #: One of `kill_points.POINTS`, the passage, and the signal it gets there.
    point: str = ""
    passage: int = 1
    act: int = signal.SIGKILL
    #: There it gets no more memory, instead of a signal.
    starves: bool = False
    #: Seconds; 0 leaves the product's own.
    lease: float = 0
    #: Measures time so that what passes while it is frozen does not count.
    believes_frozen_time: bool = False
    #: Asks a lost database again at once, and again.
    impatient: bool = False
    #: Asks what was stopped before each message: no quarter of a second between.
    attentive: bool = False
    #: Never asks after its last look.
    heedless: bool = False


def main() -> None:
    django.setup()
    from campaigns.sequences.sending import transports

    transports.make()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    answer("ready")
    end_with_us = die_with_parent()
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            os.setsid()
            if end_with_us:
                end_with_us()
            obey(Order(**json.loads(line)))
            os._exit(0)
        answer(str(pid))


def answer(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def obey(order: Order) -> None:
    from django.db import close_old_connections

    from campaigns.sequences import tasks
    from campaigns.sequences.sending import (
        claim,
        deliver,
        dispatcher,
        gate,
        look,
        reap,
        stoplist,
    )

    from . import hunger, kill_points

    if order.lease:
        for module in (claim, deliver, look, reap):
            module.LEASE = timedelta(seconds=order.lease)
        deliver._MARGIN = timedelta(0)
    if order.believes_frozen_time:
        gate.stopwatch = time.process_time
    if order.impatient:
        dispatcher._FIRST_WAIT = dispatcher._LONGEST_WAIT = 0.0
    if order.attentive:
        stoplist.POLL_SECONDS = 0.0
    if order.heedless:
        stoplist.POLL_SECONDS = math.inf
    if order.point:
        instead = hunger.starve if order.starves else None
        kill_points.arm(order.point, order.passage, act=order.act, instead=instead)
    if order.kind == "dispatcher":
        dispatcher.Dispatcher().run()
    while True:
        with suppress(Exception):
            # As Celery does: one task's fault is not the next one's.
            close_old_connections()
            tasks.send()
        if order.starves:
            # Celery's child ends, too; libpq and others call it a fault of their own.
            os._exit(1)
        time.sleep(0.05)


class Senders:
    """The forking process, as seen from outside."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.parent = subprocess.Popen(
            [sys.executable, "-m", "tests.support.senders"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - two system calls, no lock
        )
        self.started: list[int] = []
        if self._read() != "ready":
            raise RuntimeError("The senders could not be loaded.")

    def __call__(self, kind: str, **order: object) -> int:
        """Start one; its process id."""
        assert self.parent.stdin
        self.parent.stdin.write(json.dumps(asdict(Order(kind, **order))) + "\n")
        self.parent.stdin.flush()
        self.started.append(int(self._read()))
        return self.started[-1]

    def _read(self) -> str:
        assert self.parent.stdout
        return self.parent.stdout.readline().strip()

    def end(self) -> None:
        for pid in self.started:
            kill(pid)
        with self.parent:
            self.parent.kill()


@contextmanager
def running(environment: Mapping[str, str]) -> Iterator[Senders]:
    senders = Senders(environment)
    try:
        yield senders
    finally:
        senders.end()


def kill(pid: int, act: int = signal.SIGKILL) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, act)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    main()
