"""The names behind a number: a page of them, all of them, or some by search."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.customers.models import called_by_number
from campaigns.adoption.frames import Unit
from campaigns.adoption.listings import Label, Listing

PAGE = 50
#: Rows read at a time for a file: no cursor is held open while a reader takes hers.
CHUNK = 10_000


Value = datetime | int | Decimal | None


@dataclass(frozen=True, slots=True)
class Cell:
    label: Label
    value: Value


@dataclass(frozen=True, slots=True)
class Name:
    """One row. ``cells`` are in the order of the listing's columns."""

    id: int
    account_id: int
    number: str
    account: str
    buyer: str
    is_key: bool
    reason: str
    stage: Label
    cells: tuple[Cell, ...]
    sort_key: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Page:
    listing: Listing
    rows: tuple[Name, ...]
    total: int
    number: int

    @property
    def pages(self) -> int:
        return _pages(self.total)

    @property
    def previous(self) -> int:
        return self.number - 1

    @property
    def following(self) -> int:
        return self.number + 1


def page(listing: Listing, number: int = 1, search: str = "") -> Page:
    """Two statements. A number beyond the last page gives the last."""
    total = count(listing, search)
    number = min(max(number, 1), _pages(total))
    limits = {"limit": PAGE, "offset": (number - 1) * PAGE}
    rows = _rows(listing, search, "LIMIT %(limit)s OFFSET %(offset)s", limits)
    return Page(listing, tuple(rows), total, number)


def _pages(total: int) -> int:
    return max(1, -(-total // PAGE))


def count(listing: Listing, search: str = "") -> int:
    where, params = _where(listing, search)
    sql = f"SELECT count(*) FROM {_source(listing)} WHERE {where}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, {**listing.inner.params, **params})
        (number,) = cursor.fetchone()
    return int(number)


def everything(listing: Listing, search: str = "") -> Iterator[Name]:
    """All rows, read in chunks by key."""
    key, ident = "", 0
    while True:
        after = {"key": key, "ident": ident, "limit": CHUNK}
        chunk = _rows(listing, search, "LIMIT %(limit)s", after, keyed=True)
        yield from chunk
        if len(chunk) < CHUNK:
            return
        key, ident = chunk[-1].sort_key


def _rows(
    listing: Listing,
    search: str,
    limit: str,
    limits: dict[str, Any],
    *,
    keyed: bool = False,
) -> list[Name]:
    where, params = _where(listing, search)
    if keyed:
        where += " AND (a.number_key, m.id) > (%(key)s, %(ident)s)"
    columns = ", ".join(f"m.{column.name}" for column in listing.columns)
    sql = f"""
        SELECT m.id, m.account_id, a.number, a.name, {_buyer(listing)}, a.is_key,
               m.reason, m.mask, a.number_key, {columns}
          FROM {_source(listing)} WHERE {where}
         ORDER BY a.number_key, m.id {limit}
    """  # noqa: S608 - columns are ours, values bound
    with connection.cursor() as cursor:
        named = {"erased": called_by_number("{}")}
        cursor.execute(sql, {**listing.inner.params, **params, **limits, **named})
        return [_name(listing, row) for row in cursor]


def _name(listing: Listing, row: tuple[Any, ...]) -> Name:
    ident, account_id, number, account, buyer, is_key, reason, mask, key, *values = row
    return Name(
        ident,
        account_id,
        number,
        account,
        buyer,
        is_key,
        reason or "",
        listing.stage_of(mask),
        tuple(
            Cell(column.label, value)
            for column, value in zip(listing.columns, values, strict=True)
        ),
        (key, ident),
    )


def _source(listing: Listing) -> str:
    buyers = (
        "LEFT JOIN customers_buyer b ON b.id = m.id"
        if listing.unit is Unit.BUYER
        else ""
    )
    return f"""({listing.inner.text}) m
          LEFT JOIN customers_account a ON a.id = m.account_id {buyers}"""


def _buyer(listing: Listing) -> str:
    if listing.unit is Unit.ACCOUNT:
        return "''"
    return """CASE WHEN b.erased_at IS NOT NULL
        THEN replace(%(erased)s, '{}', b.id::text)
        ELSE COALESCE(NULLIF(trim(b.first_name || ' ' || b.last_name), ''), b.email, '')
        END"""


def _where(listing: Listing, search: str) -> tuple[str, dict[str, str]]:
    """Every word must be in one of the names."""
    fields = ["a.name", "a.number"]
    if listing.unit is Unit.BUYER:
        fields += ["b.first_name", "b.last_name", "b.email"]
    where, params = [listing.test.sql("m.mask")], {}
    for i, word in enumerate(search.split()[:8]):
        tests = (f"unaccent({field}) ILIKE unaccent(%(word{i})s)" for field in fields)
        where.append(f"({' OR '.join(tests)})")
        params[f"word{i}"] = f"%{_literally(word)}%"
    return " AND ".join(where), params


def _literally(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
