"""The supervisor: services, preparations, parts, watch, and an orderly end."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from onboarding.bundled import folders, ports, processes

from . import watch
from .lock import Lock
from .output import Console
from .parts import Part
from .plan import Plan
from .services import Services

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_SECONDS = 0.2
# Longer than Celery's soft shutdown and gunicorn's grace.
PATIENCE_SECONDS = 25


class CannotStart(Exception):
    """Nothing was left running; the message says what to do."""


@dataclass
class Supervisor:
    plan: Plan
    greet: Callable[[], str]
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    console: Console = field(default_factory=Console)
    services: Services = field(default_factory=Services)
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    #: No `threading.Event`: a handler that sets one may wait for its lock for ever.
    asked_to_stop: bool = False
    impatient: bool = False

    def run(self) -> int:
        """Run until a signal (0) or until a part ends by itself (1)."""
        data = folders.make_private(Path(self.plan.data))
        lock = Lock(data, self.plan.url)
        lock.take()
        # Listening to the very end: signals must not interrupt an orderly stop.
        with self._listening(), ExitStack() as running:
            running.callback(lock.leave)
            self._refuse_taken_port()
            running.callback(self.console.say, "stopped")
            self.services.start_missing(self.env, data, running)
            env = {**self.env, **self.services.addresses}
            for name in self.services.servers:
                self.console.say(f"started the bundled {name}")
            running.callback(self._stop_children)
            if not self._prepare(env):
                return 0
            self._start_parts(env)
            return self._watch_over()

    def _refuse_taken_port(self) -> None:
        if not ports.is_free(self.plan.port, self.plan.host):
            raise CannotStart(
                f"Port {self.plan.port} is taken by another program. "
                f"Choose one: PORT={self.plan.port + 1} make demo"
            )

    def _prepare(self, env: Mapping[str, str]) -> bool:
        """Run the preparations in turn; False when asked to stop in between."""
        for arguments in self.plan.preparations:
            status = None if self.asked_to_stop else self._run_one(arguments, env)
            if status is None:
                return False
            if status:
                raise CannotStart(f"`manage.py {' '.join(arguments)}` failed.")
        return True

    def _run_one(
        self, arguments: tuple[str, ...], env: Mapping[str, str]
    ) -> int | None:
        """Its exit status; None when asked to stop before it ended."""
        name = arguments[0]
        process = self._spawn(
            Part(name, (sys.executable, f"{self.plan.base}/manage.py", *arguments)),
            env,
        )
        while process.poll() is None and not self.asked_to_stop:
            time.sleep(LOOK_SECONDS)
        if process.poll() is None:
            processes.stop(process, (signal.SIGINT, signal.SIGTERM))
        del self.children[name]
        return None if self.asked_to_stop else process.wait()

    def _start_parts(self, env: Mapping[str, str]) -> None:
        for part in self.plan.parts:
            self._spawn(part, env)
        names = ", ".join(part.name for part in self.plan.parts)
        self.console.say(f"started {names}; waiting until every part works …")

    def _spawn(self, part: Part, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        process = processes.spawn(part.command, env=env, output=subprocess.PIPE)
        self.children[part.name] = process
        if process.stdout is not None:
            self.console.follow(part.name, process.stdout)
        return process

    def _watch_over(self) -> int:
        watcher = watch.Watch(
            f"http://{self._own_host()}:{self.plan.port}",
            on_ready=lambda: self.console.show(self.greet()),
            on_change=self._tell,
        )
        watcher.start()
        try:
            while not self.asked_to_stop:
                if (ended := self._find_ended()) is not None:
                    self.console.say(f"{ended}; stopping everything")
                    return 1
                time.sleep(LOOK_SECONDS)
            self.console.say("stopping …")
            return 0
        finally:
            watcher.end()

    def _find_ended(self) -> str | None:
        for name, process in {
            **self.services.list_processes(),
            **self.children,
        }.items():
            if (status := process.poll()) is not None:
                return f"{name} ended by itself ({_describe_end(status)})"
        return None

    def _tell(self, ready: bool, parts: dict[str, str]) -> None:
        if ready:
            self.console.say("every part works again")
        else:
            trouble = watch.describe(watch.list_trouble(parts))
            self.console.say(f"not ready: {trouble}")

    def _stop_children(self) -> None:
        """The last one started first, each with whatever it left behind."""
        for process in reversed(self.children.values()):
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        for name, process in reversed(self.children.items()):
            self._await_end(name, process)
            # Its own session, so its group holds its children and nobody else.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        self.children.clear()

    def _await_end(self, name: str, process: subprocess.Popen[bytes]) -> None:
        waited = 0.0
        while process.poll() is None and waited < PATIENCE_SECONDS:
            if self.impatient:
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(LOOK_SECONDS)
            waited += LOOK_SECONDS
        if process.poll() is None:
            self.console.say(f"{name} did not stop in time and is killed")
            process.kill()
            process.wait()

    def _own_host(self) -> str:
        return "127.0.0.1" if self.plan.host in {"0.0.0.0", "::"} else self.plan.host  # noqa: S104

    @contextlib.contextmanager
    def _listening(self) -> Any:
        """Signals ask for an orderly end; a second one for a quick end."""

        def hear(number: int, frame: Any) -> None:
            self.impatient = self.asked_to_stop
            self.asked_to_stop = True

        before = {number: signal.signal(number, hear) for number in STOPPING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _describe_end(status: int) -> str:
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"
