"""The four rates, by buyer and by account, over a journal of so many events (T6).

Ours: two statements over the progress rows. Peers: the same figures counted from the
events by one plain statement per unit, in PostgreSQL and in DuckDB's columns (where it
is installed), and the time of reading every event once, which whoever counts from
events cannot undercut. A hundred events to a buyer, three buyers to an account.

``ratios`` say how many times as fast ours is: 33 × "one scan" is 0.03 of it in time.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.urls import reverse

from accounts.journal import clock, sums
from accounts.journal.sums import Whose
from campaigns.adoption.figures import report
from campaigns.adoption.frames import Frame, Unit

from .harness import OURS, Benchmark, Contestant, demand, work_folder

EVENTS_PER_BUYER, BUYERS_PER_ACCOUNT = 100, 3
REPORTS = 5
#: Figures of all contestants are as of this instant, fixed when the data is built.
AT = "at.txt"

ACCOUNTS = """
    INSERT INTO customers_account (number, number_key, name, segment, is_key, city,
        country, language, time_zone, rep_code, eligible, ineligible_reason)
    SELECT n, n, 'Company ' || n, '', n %% 50 = 0, '', 'ES', 'es', 'Europe/Madrid', '',
        n %% 40 <> 0, ''
    FROM generate_series(1, %(accounts)s) AS n
"""
BUYERS = """
    INSERT INTO customers_buyer (uuid, account_id, external_id, email, email_key,
        first_name, last_name, phone, language, time_zone, active)
    SELECT gen_random_uuid(), account.id, '', '', '', 'Ana', n, '', 'es', '', true
    FROM generate_series(1, %(buyers)s) AS n
    JOIN customers_account AS account
        ON account.number = ((n - 1) / {per_account} + 1)::text
"""
# Four in five were invited, half of those registered, most of those ordered online;
# the rest of the events are log-ins and orders on other channels.
EVENTS = """
    INSERT INTO journal_event (occurred_at, kind, account_id, buyer_id, source, key,
        cause, data)
    SELECT %(at)s::timestamptz - make_interval(secs => CASE
            WHEN n <= %(buyers)s THEN 15e6 + buyer.chance * 15e6
            WHEN n <= 2 * %(buyers)s THEN 8e6 + buyer.chance * 9e6
            ELSE mod(n * 7919, 9973) * 900.0 END),
        CASE WHEN n <= %(buyers)s THEN 'invited'
            WHEN n <= 2 * %(buyers)s THEN 'registered'
            WHEN n %% 5 < 3 THEN 'logged_in' ELSE 'ordered' END,
        buyer.account_id, buyer.id, 'bench', n, '',
        CASE WHEN n > 2 * %(buyers)s AND n %% 5 >= 3 THEN jsonb_build_object(
            'channel', CASE WHEN buyer.chance < 0.4 THEN 'online' ELSE 'phone' END,
            'placed_by', 'customer', 'amount', '10.00', 'currency', 'EUR',
            'document', n) ELSE '{}' END
    FROM generate_series(1::bigint, %(size)s) AS n
    JOIN (SELECT *, mod(number * 7919, 9973) / 9973.0 AS chance FROM (
            SELECT *, row_number() OVER (ORDER BY id) AS number FROM customers_buyer
        ) AS numbered) AS buyer
        ON buyer.number = (n - 1) %% %(buyers)s + 1
    WHERE NOT (n <= %(buyers)s AND buyer.chance >= 0.8)
        AND NOT (n BETWEEN %(buyers)s + 1 AND 2 * %(buyers)s AND buyer.chance >= 0.5)
"""
# Plain SQL over the events; DuckDB reads the same text.
COUNT = """
    WITH known AS (
        SELECT {who} AS who, account_id,
            min(occurred_at) FILTER (WHERE kind = 'invited') AS invited,
            min(occurred_at) FILTER (WHERE kind = 'registered') AS registered,
            count(*) FILTER (WHERE {online}) AS orders,
            count(*) FILTER (WHERE {online}
                AND occurred_at > CAST('{since}' AS timestamptz)) AS recent
        FROM {events} WHERE occurred_at <= CAST('{at}' AS timestamptz)
            AND {who} IS NOT NULL GROUP BY 1, 2
    )
    SELECT count(*), count(*) FILTER (WHERE registered IS NOT NULL),
        count(*) FILTER (WHERE orders > 0), count(*) FILTER (WHERE orders = 1),
        count(*) FILTER (WHERE recent >= 3)
    FROM known JOIN {accounts} AS account ON account.id = known.account_id
    WHERE account.eligible AND invited IS NOT NULL
        AND (registered IS NULL OR registered >= invited)
"""
ONLINE = (
    "kind = 'ordered' AND data->>'channel' = 'online'"
    " AND data->>'placed_by' = 'customer'"
)


def build(size: int) -> None:
    at = clock.now()
    (work_folder() / AT).write_text(at.isoformat(), encoding="utf-8")
    buyers = max(1, size // EVENTS_PER_BUYER)
    accounts = -(-buyers // BUYERS_PER_ACCOUNT)
    values = {"size": size, "buyers": buyers, "accounts": accounts, "at": at}
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute(ACCOUNTS, values)
        cursor.execute(BUYERS.format(per_account=BUYERS_PER_ACCOUNT), values)
        cursor.execute("ANALYZE customers_account, customers_buyer")
        cursor.execute(EVENTS, values)
        for whose in (sums.BUYER, sums.ACCOUNT):
            cursor.execute(_progress(whose), sums.parameters())
    _copy_for_duckdb()


def _progress(whose: Whose) -> str:
    columns = f"{whose.keys}, {', '.join(sums.COLUMNS)}"
    facts = (
        f"{sums.FACTS} WHERE kind IN ('invited', 'registered', 'logged_in', 'ordered')"
    )
    return f"""
        INSERT INTO {whose.table} ({columns})
        SELECT {columns} FROM ({sums.of_progress(whose, facts)}) AS progress
    """


def _copy_for_duckdb() -> None:
    """DuckDB has the events in a file of its own, as a nightly copy would."""
    try:
        import duckdb  # noqa: PLC0415 - a peer that need not be there
    except ImportError:
        return
    columns = "kind, account_id, buyer_id, occurred_at, data"
    csv = work_folder() / "events.csv"
    with connection.cursor() as cursor, csv.open("wb") as file:
        with cursor.copy(
            f"COPY (SELECT {columns} FROM journal_event) TO STDOUT CSV"
        ) as rows:
            for chunk in rows:
                file.write(chunk)
        cursor.execute("SELECT id, eligible FROM customers_account")
        accounts = cursor.fetchall()
    types = (
        "{'kind': 'VARCHAR', 'account_id': 'BIGINT', 'buyer_id': 'BIGINT',"
        " 'occurred_at': 'TIMESTAMPTZ', 'data': 'JSON'}"
    )
    with duckdb.connect(str(work_folder() / "copy.duckdb")) as copy:
        copy.execute(f"CREATE TABLE event AS FROM read_csv('{csv}', columns = {types})")
        copy.execute("CREATE TABLE account (id BIGINT, eligible BOOLEAN)")
        copy.executemany("INSERT INTO account VALUES (?, ?)", accounts)
    csv.unlink()


results: dict[str, Any] = {}


def warm(size: int) -> None:
    """A web process has its addresses and its connection when a reader comes."""
    reverse("adoption:names")
    connection.ensure_connection()


def repeated(deed: Callable[[], object]) -> Callable[[int], Mapping[str, float]]:
    """Run it a few times; figures per report."""

    def run(size: int) -> Mapping[str, float]:
        began = time.perf_counter()
        for _ in range(REPORTS):
            results["last"] = deed()
        seconds = time.perf_counter() - began
        return {"items": size * REPORTS, "ms": seconds / REPORTS * 1000}

    return run


def ours() -> list[int]:
    found = report(_frame())
    numbers = []
    for unit in Unit:
        numbers.append(found.find("rr", unit).denominator.count)
        numbers += [
            found.find(slug, unit).numerator.count
            for slug in ("rr", "otar", "once", "wsar")
        ]
    return numbers


def naive() -> list[int]:
    with connection.cursor() as cursor:
        return _count(cursor, "journal_event", "customers_account")


def duck() -> list[int]:
    import duckdb  # noqa: PLC0415 - a peer that need not be there

    with duckdb.connect(str(work_folder() / "copy.duckdb"), read_only=True) as copy:
        return _count(copy, "event", "account")


def scan() -> None:
    """Every row of every partition, as an aggregate over them must."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_indexonlyscan = off")
        cursor.execute("SELECT count(*), max(occurred_at) FROM journal_event")
        results["scanned"] = cursor.fetchone()[0]


def _count(cursor: Any, events: str, accounts: str) -> list[int]:
    at = _frame().at
    numbers: list[int] = []
    for unit in Unit:
        cursor.execute(
            COUNT.format(
                who=f"{unit}_id",
                online=ONLINE,
                events=events,
                accounts=accounts,
                at=at.isoformat(),
                since=(at - timedelta(days=90)).isoformat(),
            )
        )
        numbers += cursor.fetchone()
    return numbers


def _frame() -> Frame:
    text = (work_folder() / AT).read_text(encoding="utf-8")
    return Frame(datetime.fromisoformat(text))


def check(size: int) -> list[int]:
    """The same figures by everybody who counts."""
    return list(results["last"])


def check_scan(size: int) -> None:
    demand(
        results["scanned"] >= size * 0.98, f"{results['scanned']} of {size} events read"
    )


BENCHMARK = Benchmark(
    unit="events",
    size=500_000,
    build=build,
    contestants=(
        Contestant(OURS, repeated(ours), warm, check),
        Contestant("naive over the journal", repeated(naive), warm, check),
        Contestant("duckdb", repeated(duck), check=check, needs=("duckdb",)),
        Contestant("one scan", repeated(scan), warm, check_scan),
    ),
)
