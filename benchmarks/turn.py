"""One process of a benchmark: `python -m benchmarks.turn NAME CONTESTANT SIZE OUT`.

CONTESTANT "build" builds what the turns share. The result goes to the file OUT.
"""

import json
import sys
from pathlib import Path

import django
from django.db import connection

from .harness import Benchmark, load, take_turn


def main(name: str, contestant: str, size: int, out: Path) -> None:
    django.setup()
    benchmark = load(name)
    if contestant == "build":
        benchmark.build(size)
        return
    turn = take_turn(benchmark.find(contestant), size, lambda: settle(benchmark))
    out.write_text(json.dumps(turn.as_dict()), encoding="utf-8")


def settle(benchmark: Benchmark) -> None:
    """What an earlier turn left to write is not this one's cost."""
    if benchmark.database:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
