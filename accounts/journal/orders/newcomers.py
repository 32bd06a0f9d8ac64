"""Accounts that only an order list knows: made from it, where a person wants that."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeVar

from django.utils.translation import gettext

from accounts.customers import countries, numbers, zones
from accounts.customers.upserts import Item, upsert
from accounts.journal import naming

from .reading import Line

CHUNK = 1_000
T = TypeVar("T")


@dataclass(slots=True)
class Newcomer:
    """What the lines of one customer say of the company."""

    number: str
    name: str = ""
    countries: Counter[str] = field(default_factory=Counter)

    @property
    def country(self) -> str:
        """The most frequent of those that are countries, of equals the first."""
        found = [code for code, _ in self.countries.most_common() if code]
        return found[0] if found else ""


class Newcomers:
    """Customers of a file by number: as many as the file has, not as its lines."""

    def __init__(self) -> None:
        self.found: dict[str, Newcomer] = {}

    def meet(self, line: Line) -> str | None:
        """Take note of a line; the code of a remark where its country is odd."""
        key = line.report.account_key
        one = self.found.setdefault(key, Newcomer(line.report.account))
        one.name = one.name or line.name
        if not line.country:
            return None
        code = countries.code_for(line.country)
        new, several = code not in one.countries, bool(one.countries)
        one.countries[code] += 1
        if not new:
            return None
        if not code:
            return "country_unknown"
        return "country_several" if several else None

    def unknown(self) -> list[Newcomer]:
        """Those that no account is known for."""
        return [
            self.found[key]
            for chunk in _chunks(list(self.found))
            for key in _missing(chunk)
        ]

    def create(self, at: datetime, source: str, zone: str) -> int:
        """Make accounts of the unknown; where the country is, its zone is `zone`."""
        missing = self.unknown()
        for chunk in _chunks(missing):
            upsert([_item(one, zone) for one in chunk], at, source)
        return len(missing)


def _missing(keys: Collection[str]) -> list[str]:
    known = naming.find_accounts(keys)
    return [key for key in keys if key not in known]


def _item(one: Newcomer, zone: str) -> Item:
    country = one.country
    account = {
        "number": one.number.strip(),
        "name": one.name or gettext("Customer %(number)s") % {"number": one.number},
        "time_zone": zones.zone_for(country) if country else zone,
    }
    return Item(
        numbers.key_of(one.number), account | ({"country": country} if country else {})
    )


def _chunks(items: Sequence[T]) -> Iterator[list[T]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
