"""Sending over SMTP to a server that takes 20 ms for every answer (T2).

Ours: eight processes with eight connections each, and the whole state machine. What
could be reached is one message for each round trip of each connection;
`of_connections_by_round_trip` is our part of it. The limit sends prepared bytes from
64 processes of one connection each, and knows no database.
"""

import time
from collections.abc import Mapping
from functools import partial
from itertools import pairwise

from django.conf import settings

from . import _mailing, send
from .harness import LIMIT, OURS, Benchmark, Contestant

DELAY = 0.02
CONNECTIONS = 64
PROCESSES = 8


def prepare_ours(size: int) -> None:
    _mailing.open_sink(delay=DELAY)
    settings.MAIL_CONNECTIONS = CONNECTIONS
    send.get_ready(size)


def run_ours(size: int) -> Mapping[str, float]:
    began = time.perf_counter()
    told = send.run_workers(PROCESSES, size)
    possible = CONNECTIONS / DELAY * (time.perf_counter() - began)
    return {
        "of_connections_by_round_trip": size / possible,
        **told,
    }


def prepare_limit(size: int) -> None:
    _mailing.open_sink(delay=DELAY)
    send.prepare_bytes(size)


def run_limit(size: int) -> None:
    edges = [size * number // CONNECTIONS for number in range(CONNECTIONS + 1)]
    send.in_processes([partial(send.blast, *pair) for pair in pairwise(edges)])


BENCHMARK = Benchmark(
    unit="mails",
    size=10_000,
    build=send.build,
    contestants=(
        Contestant(OURS, run_ours, prepare_ours, send.check_ours),
        Contestant(LIMIT, run_limit, prepare_limit, _mailing.demand_taken),
    ),
)
