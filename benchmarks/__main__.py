"""The door: `python -m benchmarks NAME [--size N] [--rounds R] [--json]`."""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from onboarding.bundled.processes import die_with_parent

from . import report, servers
from .harness import MINUTES, OURS, WORK, Benchmark, NotDone, Turn, load

ROOT = Path(__file__).resolve().parent.parent
HOUSE = {"__init__", "__main__", "harness", "report", "servers", "settings", "turn"}


def names() -> list[str]:
    files = {path.stem for path in Path(__file__).parent.glob("*.py")} - HOUSE
    return sorted(name.rstrip("_") for name in files if not name.startswith("_"))


def main(arguments: Sequence[str] | None = None) -> int:
    asked = parse(arguments)
    if asked.minutes:
        os.environ[MINUTES] = str(asked.minutes)
    # Modules may import models; only their declaration is needed here.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    os.environ.setdefault("ENV_FILE", os.devnull)
    import django  # noqa: PLC0415 - reads the two variables above

    django.setup()
    benchmark = with_size(load(asked.name), asked.size, asked.rounds)
    try:
        result = measure(asked.name, benchmark, alone=asked.alone)
    except NotDone as reason:
        sys.stderr.write(f"{asked.name}: {reason}\n")
        return 1
    print(report.table(result, benchmark.unit))
    if asked.json:
        print(json.dumps(result, ensure_ascii=False))
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("name", choices=names())
    parser.add_argument("--size", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--alone", action="store_true", help="ours only: how it grows, no ratios"
    )
    parser.add_argument("--minutes", type=float, help="of `faults`: go on for so long")
    asked = parser.parse_args(arguments)
    if asked.minutes and asked.name != "faults":
        parser.error("only `faults` goes on for minutes")
    return asked


def with_size(benchmark: Benchmark, size: int | None, rounds: int | None) -> Benchmark:
    return replace(
        benchmark, size=size or benchmark.size, rounds=rounds or benchmark.rounds
    )


def measure(name: str, benchmark: Benchmark, *, alone: bool = False) -> report.Figures:
    """Everybody once a round, in turn, the order reversed every second round."""
    load_before = round(os.getloadavg()[0], 2)
    asked = [benchmark.find(OURS)] if alone else benchmark.contestants
    here = [one.name for one in asked if one.is_here()]
    for one in asked:
        if one.name not in here:
            say(f"{one.name}: not here, left out")
    turns: dict[str, list[Turn]] = {who: [] for who in here}
    with servers.started(database=benchmark.database, apps=benchmark.apps) as env:
        if benchmark.database:
            run_child(["manage.py", "migrate", "--verbosity", "0"], env)
        take(name, "build", benchmark.size, env)
        for number in range(benchmark.rounds):
            for who in here if number % 2 == 0 else reversed(here):
                turn = take(name, who, benchmark.size, env)
                say(f"round {number + 1}, {who}: {turn.items / turn.seconds:,.0f}/s")
                turns[who].append(turn)
    compare(turns)
    return report.compose(name, benchmark.size, benchmark.rounds, turns, load_before)


def take(name: str, who: str, size: int, env: dict[str, str]) -> Turn:
    out = Path(env[WORK]) / "turn.json"
    out.write_text("{}", encoding="utf-8")
    run_child(["-m", "benchmarks.turn", name, who, str(size), str(out)], env)
    found = json.loads(out.read_text(encoding="utf-8"))
    return Turn(**found) if found else Turn(size, 1, 0, 0)


def run_child(arguments: Sequence[str], env: dict[str, str]) -> None:
    """Its words go to our standard error: standard output is the report's."""
    finished = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=env,
        stdout=sys.stderr,
        check=False,
        preexec_fn=die_with_parent(),
    )
    if finished.returncode:
        raise NotDone(f"{' '.join(arguments[:4])} ended with {finished.returncode}")


def compare(turns: dict[str, list[Turn]]) -> None:
    """Whoever says what came out must say the same as everybody else."""
    said = {
        who: result
        for who, taken in turns.items()
        for turn in taken
        if (result := turn.result) is not None
    }
    expected = said.get(OURS)
    for who, result in said.items():
        if expected is not None and result != expected:
            raise NotDone(f"{who} came to {result}, we to {expected}")


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
