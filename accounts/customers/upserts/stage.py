"""Into the staging tables and out again."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import connection


class AccountLine(NamedTuple):
    """What one line says of an account; None where it says nothing.

    ``country_zone`` is the zone that goes with ``country``.
    """

    stage: int
    line: int
    number_key: str
    number: str
    name: str | None = None
    segment: str | None = None
    is_key: bool | None = None
    city: str | None = None
    country: str | None = None
    language: str | None = None
    time_zone: str | None = None
    country_zone: str | None = None
    rep_code: str | None = None
    rep_id: int | None = None
    annual_value: Decimal | None = None
    customer_since: date | None = None
    eligible: bool | None = None
    ineligible_reason: str | None = None
    ineligible_from: date | None = None
    ineligible_until: date | None = None


class BuyerLine(NamedTuple):
    """What one line says of a buyer; told apart by ``external_id`` or address."""

    stage: int
    line: int
    number_key: str
    external_id: str | None = None
    email: str | None = None
    email_key: str | None = None
    address_hash: bytes | None = None
    first_name: str | None = None
    last_name: str | None = None
    split_name: bool = False
    phone: str | None = None
    language: str | None = None


def draw_stage() -> int:
    """A number nobody used before, for the lines of one reading."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('customers_stage')")
        stage: int = cursor.fetchone()[0]
    return stage


def fill(accounts: Iterable[AccountLine], buyers: Iterable[BuyerLine]) -> None:
    _copy("customers_stagedaccount", AccountLine._fields, accounts)
    _copy("customers_stagedbuyer", BuyerLine._fields, buyers)


def clear(stage: int | None) -> None:
    if stage is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM customers_stagedaccount WHERE stage = %s", [stage])
        cursor.execute("DELETE FROM customers_stagedbuyer WHERE stage = %s", [stage])


_SWEEP = """
    DELETE FROM customers_staged{what} s WHERE NOT EXISTS (
        SELECT 1 FROM customers_customerimport i
        WHERE i.stage = s.stage AND i.state IN ('checking', 'checked', 'applying')
    )
"""


def sweep() -> int:
    """Throw lines away that wait for nothing: of imports cancelled, failed, replaced.

    Those of a call of the API are never seen here: they come and go within one
    transaction.
    """
    swept = 0
    with connection.cursor() as cursor:
        for what in ("account", "buyer"):
            cursor.execute(_SWEEP.format(what=what))
            swept += cursor.rowcount
    return swept


def refresh_statistics() -> None:
    """After a big fill: the planner believes that the tables are as they were."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_stagedaccount, customers_stagedbuyer")


def _copy(
    table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    sql = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        for row in rows:
            copy.write_row(row)
