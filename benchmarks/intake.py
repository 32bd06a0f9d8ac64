"""Events into the journal, together with what they add up to (T7).

Ours: batches of 5,000 by COPY, then the reactions until the inbox is empty. The peer
does per event what many applications do: insert it, add it to its buyer's and its
account's row, commit. The limit is COPY alone, into a bare copy of the journal's
table with the same indexes.
"""

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice

from django.db import connection, transaction

from accounts.customers.models import Account, Buyer
from accounts.journal import clock, react
from accounts.journal.models import AccountProgress, BuyerProgress, Event
from accounts.journal.record import NewEvent, record_many

from .harness import LIMIT, OURS, Benchmark, Contestant, demand

ACCOUNTS, BUYERS = 10_000, 25_000
BATCH = 5_000
#: The peer is slow: a part of the events gives its rate just as well.
PEER_PART = 20
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)

PEER_TABLES = """
    DROP TABLE IF EXISTS peer_event, peer_buyer, peer_account;
    CREATE TABLE peer_event (id bigserial PRIMARY KEY, source text, key text,
        kind text, account_id bigint, buyer_id bigint, occurred_at timestamptz,
        recorded_at timestamptz DEFAULT now(), data jsonb, UNIQUE (source, key));
    CREATE INDEX ON peer_event (account_id, kind, occurred_at);
    CREATE INDEX ON peer_event (buyer_id, kind, occurred_at);
    CREATE TABLE peer_buyer (id bigint PRIMARY KEY, logins int, orders int,
        first_at timestamptz, last_at timestamptz);
    CREATE TABLE peer_account (LIKE peer_buyer INCLUDING ALL);
"""
PEER_INSERT = """
    INSERT INTO peer_event (source, key, kind, account_id, buyer_id, occurred_at, data)
    VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
PEER_UPSERT = """
    INSERT INTO {table} AS old VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (id) DO UPDATE SET
        logins = old.logins + EXCLUDED.logins, orders = old.orders + EXCLUDED.orders,
        first_at = least(old.first_at, EXCLUDED.first_at),
        last_at = greatest(old.last_at, EXCLUDED.last_at)
"""
LIMIT_TABLE = """
    DROP TABLE IF EXISTS limit_event;
    CREATE TABLE limit_event (LIKE journal_event INCLUDING ALL);
    ALTER TABLE limit_event ADD UNIQUE (source, key);
"""
LIMIT_COPY = """
    COPY limit_event (source, key, kind, account_id, buyer_id, occurred_at, data, cause)
    FROM STDIN
"""

told: list[NewEvent] = []


def build(size: int) -> None:
    Account.objects.bulk_create(
        [
            Account(number=f"{n}", number_key=f"{n}", name=f"{n}", time_zone="UTC")
            for n in range(ACCOUNTS)
        ],
        batch_size=5_000,
    )
    accounts = list(Account.objects.order_by("pk").values_list("pk", flat=True))
    Buyer.objects.bulk_create(
        [
            Buyer(account_id=accounts[n % ACCOUNTS], language="en")
            for n in range(BUYERS)
        ],
        batch_size=5_000,
    )


def tell(size: int) -> None:
    """The same events every time, with a key of their own in every turn."""
    buyers = list(Buyer.objects.order_by("pk").values_list("pk", "account_id"))
    chance = random.Random(7)
    turn = Event.objects.count()
    told.clear()
    told.extend(_event(n, turn, chance, *chance.choice(buyers)) for n in range(size))


def _event(
    n: int, turn: int, chance: random.Random, buyer: int, account: int
) -> NewEvent:
    ordered = chance.random() < 0.4
    data = {
        "channel": chance.choice(["online", "online", "phone", "rep"]),
        "amount": f"{chance.randrange(1_000, 90_000) / 100:.2f}",
        "currency": "EUR",
        "document": f"D{turn}-{n}",
    }
    return NewEvent(
        kind="ordered" if ordered else "logged_in",
        account_id=account,
        buyer_id=buyer,
        occurred_at=BEGIN + timedelta(seconds=chance.randrange(300 * 86_400)),
        source="bench",
        key=f"{turn}-{n}",
        data=data if ordered else {},
    )


def run_ours(size: int) -> None:
    remaining = iter(told)
    while batch := list(islice(remaining, BATCH)):
        record_many(batch)
        react.react_to_all(clock.now())


def check_ours(size: int) -> None:
    last = Event.objects.order_by("-id").values_list("id", flat=True)[:size]
    demand(len(last) == size, f"{len(last)} of {size} events recorded")
    _demand_sums(Event.objects.count())


def _demand_sums(events: int) -> None:
    for rows in (AccountProgress.objects, BuyerProgress.objects):
        counted = sum(
            sum(row)
            for row in rows.values_list(
                "logged_in_count", "online_count", "offline_count"
            )
        )
        demand(counted == events, f"{counted} of {events} events in the sums")


def prepare_peer(size: int) -> None:
    tell(size // PEER_PART)
    _execute(PEER_TABLES)


def run_peer(size: int) -> dict[str, float]:
    for event in told:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PEER_INSERT, _row(event))
            if cursor.rowcount:
                ordered = int(event.kind == "ordered")
                sums = (1 - ordered, ordered, event.occurred_at, event.occurred_at)
                cursor.execute(UPSERT_BUYER, (event.buyer_id, *sums))
                cursor.execute(UPSERT_ACCOUNT, (event.account_id, *sums))
    return {"items": len(told)}


def check_peer(size: int) -> None:
    for table in ("peer_buyer", "peer_account"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT sum(logins), sum(orders) FROM {table}")
            logins, orders = cursor.fetchone()
        kinds = Counter(event.kind for event in told)
        demand(logins == kinds["logged_in"], f"{logins} log-ins in {table}")
        demand(orders == kinds["ordered"], f"{orders} orders in {table}")


def prepare_limit(size: int) -> None:
    tell(size)
    _execute(LIMIT_TABLE)


def run_limit(size: int) -> None:
    with connection.cursor() as cursor, cursor.copy(LIMIT_COPY) as copy:
        for event in told:
            copy.write_row((*_row(event), ""))


def check_limit(size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM limit_event")
        (count,) = cursor.fetchone()
    demand(count == size, f"{count} of {size} rows copied")


def _row(event: NewEvent) -> tuple[object, ...]:
    return (
        event.source,
        event.key,
        event.kind,
        event.account_id,
        event.buyer_id,
        event.occurred_at,
        json.dumps(event.data),
    )


def _execute(statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements)


UPSERT_BUYER = PEER_UPSERT.format(table="peer_buyer")
UPSERT_ACCOUNT = PEER_UPSERT.format(table="peer_account")

BENCHMARK = Benchmark(
    unit="events",
    size=40_000,
    build=build,
    contestants=(
        Contestant(OURS, run_ours, tell, check_ours),
        Contestant("per-event upsert", run_peer, prepare_peer, check_peer),
        Contestant(LIMIT, run_limit, prepare_limit, check_limit),
    ),
)
