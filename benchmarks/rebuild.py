"""The progress tables, computed anew from the journal.

Ours: `manage.py rebuild_progress`, set-based, under the locks of the reactions, over
tables that have been emptied. The peer reads the events in order and adds each to its
rows in Python, as a replay usually does, then writes the rows. The limit is one scan
of the journal that looks at every event.
"""

from collections import defaultdict
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection

from accounts.journal import projection, react, rebuild
from accounts.journal.models import AccountProgress, BuyerProgress, Event
from accounts.journal.record import record_many

from . import intake
from .harness import LIMIT, OURS, Benchmark, Contestant, demand

BATCH = 5_000


def build(size: int) -> None:
    intake.build(size)
    intake.tell(size)
    remaining = iter(intake.told)
    while batch := list(islice(remaining, BATCH)):
        record_many(batch)
        react.react_to_all(intake.BEGIN)


def empty(size: int) -> None:
    """Everybody begins with nothing."""
    _execute("DROP TABLE IF EXISTS peer_progress")
    _execute("CREATE TABLE peer_progress (LIKE journal_accountprogress INCLUDING ALL)")
    _execute("ALTER TABLE peer_progress ADD buyer_id bigint")
    _execute("ALTER TABLE peer_progress DROP CONSTRAINT peer_progress_pkey")
    for table in projection.ALL:
        _execute(f"TRUNCATE {table.table}")


def run_ours(size: int) -> None:
    rebuild.rebuild()


def check_ours(size: int) -> dict[str, int]:
    totals = {
        "buyers": BuyerProgress.objects.count(),
        "accounts": AccountProgress.objects.count(),
    }
    for whose, rows in (
        ("buyers", BuyerProgress.objects),
        ("accounts", AccountProgress.objects),
    ):
        counted = rows.values_list("logged_in_count", "online_count", "offline_count")
        found = sum(sum(row) for row in counted)
        demand(found == size, f"{found} of {size} events in the sums of {whose}")
    totals["online"] = sum(
        AccountProgress.objects.values_list("online_count", flat=True)
    )
    return totals


class Row:
    """What one buyer or account has come to, while the peer adds it up."""

    def __init__(self) -> None:
        self.logged_in: list[datetime] = []
        self.online: list[datetime] = []
        self.offline: list[datetime] = []

    def add(self, kind: str, at: datetime, data: dict[str, Any]) -> None:
        if kind == "logged_in":
            self.logged_in.append(at)
        elif data.get("channel") == "online":
            self.online.append(at)
        else:
            self.offline.append(at)


def run_peer(size: int) -> None:
    sums: dict[tuple[str, int], Row] = defaultdict(Row)
    events = Event.objects.order_by("id").values_list(
        "account_id", "buyer_id", "kind", "occurred_at", "data"
    )
    for account, buyer, kind, at, data in events.iterator(chunk_size=BATCH):
        sums["account", account].add(kind, at, data)
        sums["buyer", buyer].add(kind, at, data)
    with connection.cursor() as cursor, cursor.copy(PEER_COPY) as copy:
        for (whose, number), row in sums.items():
            copy.write_row(_peer_row(whose, number, row))


PEER_COPY = """
    COPY peer_progress (account_id, buyer_id, logged_in_first, logged_in_last,
        logged_in_count, online_first, online_last, online_count, online_recent,
        offline_first, offline_last, offline_count) FROM STDIN
"""


def _peer_row(whose: str, number: int, row: Row) -> tuple[object, ...]:
    cells: list[object] = [number, number if whose == "buyer" else None]
    for times in (row.logged_in, row.online, row.offline):
        times.sort()
        cells += [times[0], times[-1]] if times else [None, None]
        cells.append(len(times))
        if times is row.online:
            cells.append(times[::-1][:12])
    return tuple(cells)


def check_peer(size: int) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE buyer_id IS NOT NULL),"
            " count(*) FILTER (WHERE buyer_id IS NULL),"
            " sum(online_count) FILTER (WHERE buyer_id IS NULL) FROM peer_progress"
        )
        buyers, accounts, online = cursor.fetchone()
    return {"buyers": buyers, "accounts": accounts, "online": int(online)}


def run_limit(size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), max(occurred_at), sum(length(data->>'channel'))"
            " FROM journal_event"
        )
        (seen, *_rest) = cursor.fetchone()
    demand(seen == size, f"{seen} of {size} events seen")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


BENCHMARK = Benchmark(
    unit="events",
    size=200_000,
    build=build,
    contestants=(
        Contestant(OURS, run_ours, empty, check_ours),
        Contestant("row by row", run_peer, empty, check_peer),
        Contestant(LIMIT, run_limit, empty),
    ),
)
