"""What is due, taken out of the queue (T8).

Ours: the sender's own claim, in batches as large as a fast one takes them. The peer
takes one row after the other, as most queues in a table do; the limit is one UPDATE
of all rows, which nobody could share. Beside the rate stand that of claims with all
that sending needs to know of each, how long it takes to find nothing, how fast due
enrolments become messages, and what a killed claimer leaves behind.
"""

import os
import signal
import statistics
import time
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from itertools import count, takewhile
from pathlib import Path

from django.db import connection, transaction

from campaigns.messages.models import Message
from campaigns.sequences import arming
from campaigns.sequences.models import Delivery, Step
from campaigns.sequences.planning import drafts, lifecycle
from campaigns.sequences.sending import advance, claim, reap
from campaigns.sequences.sending.workers import LARGEST_BATCH

from . import _mailing
from ._mailing import AT, BEFORE
from .harness import LIMIT, OURS, Benchmark, Contestant, demand, work_folder

#: The peer is slow: a part of the rows gives its rate just as well.
PEER_PART = 20
EMPTY_POLLS = 300
CLAIMERS = 3
#: So many rows each has taken when the first of them is killed.
KILLED_AFTER = 4 * LARGEST_BATCH

_ONE = """
    DELETE FROM sequences_queued WHERE delivery_id = (
        SELECT delivery_id FROM sequences_queued
        WHERE due_at <= %s AND campaign_id = %s
        ORDER BY due_at, delivery_id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING delivery_id
"""
_TAKE = """
    UPDATE sequences_delivery
    SET state = 'claimed', claimed_by = 'peer', lease_until = %s WHERE id = %s
"""
_ALL = """
    WITH taken AS (
        DELETE FROM sequences_queued WHERE due_at <= %s RETURNING delivery_id
    )
    UPDATE sequences_delivery
    SET state = 'claimed', claimed_by = 'limit', lease_until = %s
    FROM taken WHERE id = delivery_id
"""
#: As they stood before anybody took one, for every turn.
_KEEP = "CREATE TABLE kept_delivery AS TABLE sequences_delivery"
_COLUMNS = ", ".join(
    field.column for field in Delivery._meta.concrete_fields if not field.generated
)
_RESET = f"""
    TRUNCATE sequences_delivery, sequences_queued, sequences_batch;
    INSERT INTO sequences_delivery ({_COLUMNS})
    SELECT {_COLUMNS} FROM kept_delivery ORDER BY id
"""
_DUE_AGAIN = """
    TRUNCATE sequences_delivery, sequences_queued, sequences_batch;
    UPDATE sequences_enrolment SET state = 'active', position = 0, due_at = %s
"""


def build(size: int) -> None:
    """A running campaign with a message that is due to everybody."""
    _mailing.make_people(size)
    _mailing.make_message()
    campaign = drafts.make("Bench", goal="first_online_order")
    Step.objects.create(
        version=drafts.version_of(campaign), message=Message.objects.get()
    )
    arming.arm(None, BEFORE)
    lifecycle.start(campaign, None, BEFORE)
    while lifecycle.continue_starting():
        continue
    _advance()
    planned = Delivery.objects.filter(state="planned").count()
    demand(planned == size, f"{planned} of {size} planned")
    _execute(_KEEP)


def reset(size: int) -> None:
    _execute(_RESET)


# -- Ours ----------------------------------------------------------------------------


def run_ours(size: int) -> Mapping[str, float]:
    began, cpu = time.perf_counter(), time.process_time()
    taken = _take_all()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    demand(taken == size, f"{taken} of {size} taken")
    return {
        "seconds": seconds,
        "cpu_s": cpu,
        "with_all_that_sending_needs_per_s": _rate_of_claiming(size),
        "empty_poll_ms": 1000 * statistics.median(_empty_polls()),
        "twice_after_a_kill": float(_kill_one(size)),
        "planned_per_s": _rate_of_planning(size),
    }


def _take_all() -> int:
    """Each batch under a name of its own: who sends has done with one before he takes
    another, and here nobody sends."""
    batches = (
        claim.take(AT, worker=f"ours-{number}", limit=LARGEST_BATCH)
        for number in count()
    )
    return sum(len(ids) for ids in takewhile(bool, batches))


def _rate_of_claiming(size: int) -> float:
    reset(size)
    began, claimed = time.perf_counter(), 0
    for number in count():
        rows = claim.claim(AT, worker=f"ours-{number}", limit=LARGEST_BATCH)
        if not rows:
            break
        claimed += len(rows)
    demand(claimed == size, f"{claimed} of {size} claimed")
    return size / (time.perf_counter() - began)


def _empty_polls() -> list[float]:
    waits = []
    for _number in range(EMPTY_POLLS):
        began = time.perf_counter()
        claim.claim(AT, worker="ours", limit=LARGEST_BATCH)
        waits.append(time.perf_counter() - began)
    return waits


def _rate_of_planning(size: int) -> float:
    """Due enrolments a second, each judged, planned and moved on."""
    _execute(_DUE_AGAIN, [AT])
    _execute("VACUUM ANALYZE sequences_enrolment")
    began = time.perf_counter()
    _advance()
    seconds = time.perf_counter() - began
    planned = Delivery.objects.filter(state="planned").count()
    demand(planned == size, f"{planned} of {size} planned again")
    return size / seconds


def _advance() -> None:
    while advance.advance(AT):
        continue


# -- Killed ---------------------------------------------------------------------------


def _kill_one(size: int) -> int:
    """Several claim at once, one is killed; how many rows two of them had.

    Each writes down what it has, before it takes more. What the dead one had goes
    back into the queue when its lease is over, and then to the others.
    """
    reset(size)
    connection.close()
    books = [work_folder() / f"claimed-{number}" for number in range(CLAIMERS)]
    pids = [_fork_claimer(book) for book in books]
    while _lines(books[0]) < min(KILLED_AFTER, size // (2 * CLAIMERS)):
        time.sleep(0.001)
    os.kill(pids[0], signal.SIGKILL)
    for pid in pids:
        os.waitpid(pid, 0)
    had = Counter(line for book in books for line in book.read_text().split())
    demand(not _open_to_all(), "somebody left rows behind")
    reap.reap(AT + claim.LEASE + timedelta(seconds=1), limit=size)
    demand(_open_to_all() > 0, "what the dead one had did not come back")
    return sum(count - 1 for count in had.values())


def _fork_claimer(book: Path) -> int:
    book.touch()
    book.write_text("")
    pid = os.fork()
    if pid:
        return pid
    with book.open("a") as file:
        while rows := claim.claim(AT, worker=book.name, limit=LARGEST_BATCH):
            file.writelines(f"{one.id}\n" for one in rows)
            file.flush()
    os._exit(0)


def _lines(book: Path) -> int:
    return book.read_text().count("\n")


def _open_to_all() -> int:
    return Delivery.objects.filter(state="planned").count()


# -- Row by row, and the limit -------------------------------------------------------


def run_row_by_row(size: int) -> Mapping[str, float]:
    campaign = Delivery.objects.values_list("campaign_id", flat=True)[0]
    for _number in range(size // PEER_PART):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_ONE, [AT, campaign])
            (row,) = cursor.fetchone()
            cursor.execute(_TAKE, [AT + claim.LEASE, row])
    return {"items": size // PEER_PART}


def check_row_by_row(size: int) -> None:
    _demand_claimed("peer", size // PEER_PART)


def run_limit(size: int) -> None:
    _execute(_ALL, [AT, AT + claim.LEASE])


def check_limit(size: int) -> None:
    _demand_claimed("limit", size)


def _demand_claimed(worker: str, expected: int) -> None:
    found = Delivery.objects.filter(state="claimed", claimed_by=worker).count()
    demand(found == expected, f"{found} of {expected} claimed")


def _execute(statements: str, values: list[object] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements, values)


BENCHMARK = Benchmark(
    unit="rows",
    size=40_000,
    build=build,
    contestants=(
        Contestant(OURS, run_ours, reset),
        Contestant("row by row", run_row_by_row, reset, check_row_by_row),
        Contestant(LIMIT, run_limit, reset, check_limit),
    ),
)
