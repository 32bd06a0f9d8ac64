"""Each fault by itself, a campaign each, and a table of what became of its messages.

With ``--size 1000`` each of nine points kills twenty senders, the database crashes
twenty times, and each misbehaviour of a provider or mail server meets a campaign of a
thousand messages. After each the server's own ledger judges: nothing twice, nothing
lost, and whoever was struck ended exactly as docs/delivery.md says.
"""

import sys
from collections.abc import Iterator, Mapping

from accounts.journal import clock
from campaigns.sequences import arming
from campaigns.sequences.models import SendingRules

from . import _accidents, _answers, _rows
from ._rows import Row
from .faults import build
from .harness import OURS, Benchmark, Contestant

_NEVER = 100


def prepare(size: int) -> None:
    """Armed, and nobody pauses a campaign whose messages are meant to fail."""
    arming.arm(None, clock.now())
    never = dict.fromkeys(
        (
            f"{what}_{when}"
            for what in ("bounce", "failure")
            for when in ("warn", "stop")
        ),
        _NEVER,
    )
    SendingRules.objects.update_or_create(defaults={"weekly_cap": None, **never})


def run(size: int) -> Mapping[str, float]:
    rows = []
    for row in _all(size):
        rows.append(row)
        sys.stderr.write(f"{row.fault}: {dict(row.states)}\n")
    sys.stderr.write(_rows.table(rows) + "\n")
    return {
        "faults": len(rows),
        "struck": sum(row.struck for row in rows),
        "planned": len(rows) * size,
        **{
            state: sum(row.states[state] for row in rows)
            for state in ("sent", "failed", "unknown")
        },
        "items": len(rows) * size,
    }


def _all(size: int) -> Iterator[Row]:
    yield from _answers.all_of_them(size)
    yield from _accidents.all_of_them(size)


BENCHMARK = Benchmark(
    unit="mails",
    size=1_000,
    rounds=1,
    build=build,
    contestants=(Contestant(OURS, run, prepare),),
)
