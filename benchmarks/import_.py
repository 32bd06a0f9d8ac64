"""A list of customers, one account and one buyer a line, from file to tables (T5).

Each contestant validates every address, amount, date and country, compares with what
is there, and tells which lines it refuses. One in a hundred lines has a broken
address. After the first load the same file comes again with one line in twenty
changed; that is timed as well (`again_per_s`). import-export with its defaults takes
a part of the lines: its time per line does not depend on how many. Ours also keeps
what an undo needs, the dated history of the accounts and the permissions by the
declared legal basis.
"""

import csv
import io
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random

from django.db import connection, transaction

from accounts.customers import addresses, clock, countries, lifecycle, uploads, zones
from accounts.customers.models import Account, Buyer, CustomerImport

from .harness import LIMIT, OURS, Benchmark, Contestant, demand, work_folder

HEADER = [
    "customer_number",
    "company",
    "city",
    "country",
    "segment",
    "annual_revenue",
    "customer_since",
    "first_name",
    "last_name",
    "email",
    "phone",
]
FIRST, AGAIN = "first.csv", "again.csv"
BROKEN_ONE_IN, CHANGED_ONE_IN = 100, 20


def build(size: int) -> None:
    """Two files: the list, and the list after a week."""
    for name, change in ((FIRST, False), (AGAIN, True)):
        with (work_folder() / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(_lines(size, changed=change))


def _lines(size: int, *, changed: bool) -> Iterator[list[str]]:
    random = Random(5)
    for n in range(size):
        country = random.choice(("Spain", "Mexico", "United Kingdom", "France"))
        domain = f"company{n // 3}.example"
        broken = n % BROKEN_ONE_IN == 7
        moved = changed and n % CHANGED_ONE_IN == 3
        yield [
            f"{100_000 + n}",
            f"Company Muñoz {n} S.L.",
            "Bilbao" if moved else "Sevilla",
            country,
            random.choice(("Retail", "Industry", "Hotels")),
            f"{random.randrange(10**7) / 100:.2f}",
            f"20{n % 20:02d}-0{n % 9 + 1}-1{n % 9}",
            "Íñigo",
            f"Vidal {n}",
            f"buyer{n} at {domain}" if broken else f"buyer{n}@{domain}",
            f"+34 600 {n:06d}",
        ]


_TABLES = ("account", "buyer", "customerimport", "stagedaccount", "stagedbuyer")


def empty(size: int) -> None:
    names = ", ".join(f"customers_{name}" for name in _TABLES)
    with connection.cursor() as cursor:
        # Histories refuse to be emptied; here nobody's is lost.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"TRUNCATE {names} CASCADE")
        cursor.execute("SET session_replication_role = DEFAULT")


Load = Callable[[str], int]


#: The slowest peer loads one line in so many.
PART = 20


def some(load: Load) -> Callable[[int], dict[str, float]]:
    """A part of the first file, once."""

    def run(size: int) -> dict[str, float]:
        whole = (work_folder() / FIRST).read_text(encoding="utf-8").splitlines(True)
        part = "".join(whole[: size // PART + 1])
        (work_folder() / "part.csv").write_text(part, encoding="utf-8")
        return {"items": size // PART, "refused": load("part.csv")}

    return run


def check_some(size: int) -> None:
    found = Account.objects.count()
    demand(found == size // PART, f"{found} accounts of {size // PART}")


def both(load: Load) -> Callable[[int], dict[str, float]]:
    """The first load is what is compared; the second is reported beside it."""

    def run(size: int) -> dict[str, float]:
        began, cpu = time.perf_counter(), time.process_time()
        refused = load(FIRST)
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        again = time.perf_counter()
        load(AGAIN)
        return {
            "seconds": seconds,
            "cpu_s": cpu,
            "again_per_s": size / (time.perf_counter() - again),
            "refused": refused,
        }

    return run


def check(size: int) -> list[int]:
    """Everybody ends with the same rows."""
    broken = len(range(7, size, BROKEN_ONE_IN))
    found = [
        Account.objects.count(),
        Buyer.objects.exclude(email="").count(),
        Account.objects.filter(city="Bilbao").count(),
    ]
    demand(found[0] == size, f"{found[0]} accounts of {size}")
    demand(found[1] == size - broken, f"{found[1]} buyers of {size - broken}")
    return found


# -- Ours ----------------------------------------------------------------------------


def ours(name: str) -> int:
    with (work_folder() / name).open("rb") as file:
        batch = uploads.receive(file, name, "customers")
    declared = lifecycle.Declared("existing_customer")
    lifecycle.ask_check(batch, batch.mapping, batch.options, declared)
    lifecycle.run(batch.pk, clock.now)
    lifecycle.ask_apply(batch)
    lifecycle.run(batch.pk, clock.now)
    done = CustomerImport.objects.get(pk=batch.pk)
    demand(done.state == "applied", f"our import ended {done.state}: {done.error}")
    refused: int = done.counts["refused"]
    return refused


# -- Peers ---------------------------------------------------------------------------


def rows(name: str) -> Iterator[dict[str, str]]:
    with (work_folder() / name).open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def account_of(row: dict[str, str]) -> Account:
    country = countries.code_for(row["country"])
    return Account(
        number=row["customer_number"],
        number_key=row["customer_number"].casefold(),
        name=row["company"],
        city=row["city"],
        country=country,
        time_zone=zones.zone_for(country),
        segment=row["segment"],
        annual_value=Decimal(row["annual_revenue"]),
        customer_since=row["customer_since"],
    )


def buyer_of(row: dict[str, str], account: Account) -> Buyer | None:
    """None where the address is refused."""
    buyer = Buyer(
        account=account,
        first_name=row["first_name"],
        last_name=row["last_name"],
        email=row["email"],
        phone=row["phone"],
        language="es",
    )
    try:
        buyer.keep_address()
    except addresses.BadAddress:
        return None
    return buyer


def bulk_create(name: str) -> int:
    """The usual fast way: 1,000 objects at a time, upserts by unique fields."""
    refused, chunk = 0, []
    with transaction.atomic():
        for row in rows(name):
            chunk.append(row)
            if len(chunk) == 1_000:
                refused += _bulk(chunk)
                chunk = []
        refused += _bulk(chunk)
    return refused


def _bulk(chunk: list[dict[str, str]]) -> int:
    accounts = Account.objects.bulk_create(
        [account_of(row) for row in chunk],
        update_conflicts=True,
        unique_fields=["number_key"],
        update_fields=["name", "city", "country", "segment", "annual_value"],
    )
    made = [buyer_of(row, acc) for row, acc in zip(chunk, accounts, strict=True)]
    buyers = [buyer for buyer in made if buyer is not None]
    # The rule is a partial index, which bulk_create cannot name: look, then split.
    known = {
        (found.account_id, found.email_key): found
        for found in Buyer.objects.filter(account__in=[a.pk for a in accounts])
    }
    new = [b for b in buyers if (b.account_id, b.email_key) not in known]
    Buyer.objects.bulk_create(new)
    changed = []
    for buyer in buyers:
        found = known.get((buyer.account_id, buyer.email_key))
        if found is not None and found.phone != buyer.phone:
            found.phone = buyer.phone
            changed.append(found)
    Buyer.objects.bulk_update(changed, ["phone"])
    return len(chunk) - len(buyers)


def import_export_default(name: str) -> int:
    return _import_export(name, tuned=False)


def import_export_tuned(name: str) -> int:
    return _import_export(name, tuned=True)


def _import_export(name: str, *, tuned: bool) -> int:
    """One resource for accounts and one for buyers, as its documentation shows."""
    import tablib  # noqa: PLC0415 - comes with the peer

    from ._import_export import resources_for  # noqa: PLC0415 - likewise

    text = (work_folder() / name).read_text(encoding="utf-8")
    data = tablib.Dataset().load(io.StringIO(text), format="csv")
    accounts, buyers = resources_for(tuned=tuned)
    accounts.import_data(data, raise_errors=True)
    result = buyers.import_data(data)
    return len(result.invalid_rows) + getattr(buyers, "refused", 0)


# -- The limit -----------------------------------------------------------------------


def bare_copy(size: int) -> None:
    with connection.cursor() as cursor:
        columns = ", ".join(f"{name} text" for name in HEADER)
        cursor.execute(f"CREATE TABLE IF NOT EXISTS bench_bare ({columns})")
        cursor.execute("TRUNCATE bench_bare")
        sql = "COPY bench_bare FROM STDIN (FORMAT csv, HEADER)"
        with (work_folder() / FIRST).open("rb") as file, cursor.copy(sql) as copy:
            while piece := file.read(1024 * 1024):
                copy.write(piece)


def check_copy(size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bench_bare")
        demand(cursor.fetchone()[0] == size, "COPY lost lines")


def contestant(name: str, load: Load, *needs: str) -> Contestant:
    return Contestant(name, both(load), prepare=empty, check=check, needs=needs)


BENCHMARK = Benchmark(
    unit="lines",
    size=10_000,
    rounds=3,
    build=build,
    contestants=(
        contestant(OURS, ours),
        contestant("bulk_create", bulk_create),
        contestant("django-import-export tuned", import_export_tuned, "import_export"),
        Contestant(
            "django-import-export default",
            some(import_export_default),
            prepare=empty,
            check=check_some,
            needs=("import_export",),
        ),
        Contestant(LIMIT, bare_copy, check=check_copy),
    ),
    apps=("import_export",),
)
