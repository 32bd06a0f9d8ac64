"""What a benchmark is made of, and how one turn of one contestant is measured.

A turn has a process of its own, so that its peak of memory is its own. Around the
timed `run` lie `prepare` and `check`, untimed: the first brings everybody to the
same start, the second proves that the work was really done.
"""

import gc
import os
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

OURS = "ours"
LIMIT = "limit"
#: Where `build` may leave files for all turns of one benchmark.
WORK = "BENCH_WORK"
#: For how long `faults` goes on, where somebody asks for it.
MINUTES = "BENCH_MINUTES"


class NotDone(Exception):
    """A contestant did not do the work it was timed for."""


def nothing(size: int) -> None:
    """The default of everything a contestant need not have."""


@dataclass(frozen=True)
class Contestant:
    """Us, a peer, or the limit.

    ``run(size)`` is timed and may return figures of its own: "items" and "seconds"
    replace the size and the clock (say, as a sink saw them), "peak_mib" and "cpu_s"
    what the harness cannot see (servers it did not start), any other number is
    reported beside the rest as its median. ``check(size)`` may return a value, which
    must then be equal for everybody who returns one. ``needs`` are modules without
    which the contestant is left out.
    """

    name: str
    run: Callable[[int], Mapping[str, float] | None]
    prepare: Callable[[int], None] = nothing
    check: Callable[[int], Any] = nothing
    needs: tuple[str, ...] = ()
    available: Callable[[], bool] = lambda: True

    def is_here(self) -> bool:
        return all(find_spec(name) for name in self.needs) and self.available()


@dataclass(frozen=True)
class Benchmark:
    """One work, its contestants (`OURS` among them), and its default size.

    ``build(size)`` runs once, before all turns. ``apps`` join INSTALLED_APPS where
    they are importable. Without ``database`` no server is started.
    """

    unit: str
    size: int
    contestants: tuple[Contestant, ...]
    build: Callable[[int], None] = nothing
    rounds: int = 3
    apps: tuple[str, ...] = ()
    database: bool = True

    def find(self, name: str) -> Contestant:
        return next(one for one in self.contestants if one.name == name)


@dataclass
class Turn:
    """What one contestant did in one round."""

    items: float
    seconds: float
    cpu_s: float
    peak_mib: float
    result: Any = None
    extra: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def load(name: str) -> Benchmark:
    module = import_module(f"benchmarks.{module_of(name)}")
    benchmark: Benchmark = module.BENCHMARK
    return benchmark


def module_of(name: str) -> str:
    return f"{name}_" if (Path(__file__).parent / f"{name}_.py").exists() else name


def work_folder() -> Path:
    return Path(os.environ[WORK])


def demand(fulfilled: bool, sentence: str) -> None:
    if not fulfilled:
        raise NotDone(sentence)


def take_turn(contestant: Contestant, size: int, settle: Callable[[], None]) -> Turn:
    """Prepare, settle the servers, run under the clocks, check."""
    contestant.prepare(size)
    settle()
    gc.collect()
    _forget_peak()
    cpu, began = _cpu_seconds(), time.perf_counter()
    figures = dict(contestant.run(size) or {})
    seconds, cpu = time.perf_counter() - began, _cpu_seconds() - cpu
    peak = _peak_mib()
    return Turn(
        items=figures.pop("items", size),
        seconds=figures.pop("seconds", seconds),
        cpu_s=figures.pop("cpu_s", cpu),
        peak_mib=figures.pop("peak_mib", peak),
        result=contestant.check(size),
        extra=figures,
    )


def _cpu_seconds() -> float:
    """Of this process and of the children it has waited for."""
    spent = [resource.getrusage(who) for who in _WHOSE]
    return sum(one.ru_utime + one.ru_stime for one in spent)


_WHOSE = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _forget_peak() -> None:
    """Start the kernel's high-water mark afresh, where it lets us."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def _peak_mib() -> float:
    """Of the biggest process: this one since `_forget_peak`, or a child."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(own_peak_kib(), children) / 1024


def own_peak_kib() -> int:
    """The most memory this process has had, since it was forked or `_forget_peak`."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
        line = next(row for row in status.splitlines() if row.startswith("VmHWM"))
        return int(line.split()[1])
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
