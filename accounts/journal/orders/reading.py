"""One line of an order list → one report, or why not."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.customers import numbers
from accounts.customers.importing import cells
from accounts.customers.importing.cells import BadCell
from accounts.customers.readers import Row
from accounts.journal import amounts, digests, kinds
from accounts.journal.channels import PlacedBy
from accounts.journal.reports import EMAIL, EXTERNAL_ID, Report
from accounts.journal.schemas import EARLIEST

from . import words
from .instants import instant

AHEAD = timedelta(days=1)
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was read; ``name`` and ``country`` are for a new account."""

    line: int
    report: Report
    name: str = ""
    country: str = ""


class Refused(Exception):
    """A line nobody can take; ``field`` is the column at fault, where there is one."""

    def __init__(self, code: str, field: str = "", value: str = "", label: str = ""):
        super().__init__(code)
        self.code, self.field, self.value, self.label = code, field, value, label


class Reader:
    """Knows the columns and the notation of one file.

    ``columns`` maps slugs of `fields.FIELDS` to places in a row; ``options`` are
    those of `options.OPTIONS`; ``at`` is now.
    """

    def __init__(
        self, columns: Mapping[str, int], options: Mapping[str, Any], at: datetime
    ) -> None:
        self.columns = columns
        self.options = options
        self.at = at
        self.parsers: Mapping[str, Callable[[str], Any]] = {
            "number": cells.number(strip_zeros=False),
            "document": cells.text(60),
            "date": instant(order=options["dates"], zone=options["zone"]),
            "amount": cells.amount(decimal=options["decimal"]),
            "type": words.document,
            "channel": words.channel,
            "placed_by": words.placed_by,
            "currency": _currency,
            "email": cells.text(254),
            "external_id": cells.text(60),
            "name": cells.text(200),
            "country": cells.text(100),
        }

    def read(self, row: Row) -> Line:
        """Raises `Refused`."""
        if row.problem:
            raise Refused(row.problem)
        found = self._values(row)
        for name in ("number", "document", "date", "amount"):
            if found.get(name) is None:
                raise Refused(f"{name}_missing", name, label=found.get("number") or "")
        self._check(found)
        return Line(
            row.line,
            self._report(found),
            found.get("name") or "",
            found.get("country") or "",
        )

    def _values(self, row: Row) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for slug, place in self.columns.items():
            cell = row.cells[place] if place < len(row.cells) else ""
            if not cell.strip() or slug not in self.parsers:
                continue
            try:
                found[slug] = self.parsers[slug](cell)
            except BadCell as bad:
                number = found.get("number") or ""
                raise Refused(bad.code, slug, cell, number) from None
        return found

    def _check(self, found: dict[str, Any]) -> None:
        kind = found.setdefault("type", _kind_by_sign(found["amount"]))
        label = found["number"]
        if kind == kinds.ORDERED and found["amount"] < 0:
            raise Refused("order_negative", "amount", str(found["amount"]), label)
        if found["date"] < EARLIEST:
            raise Refused("too_early", "date", str(found["date"]), label)
        if found["date"] > self.at + AHEAD:
            raise Refused("too_late", "date", str(found["date"]), label)

    def _report(self, found: Mapping[str, Any]) -> Report:
        kind, document = found["type"], found["document"]
        data = {
            "amount": amounts.write(abs(found["amount"])),
            "currency": found.get("currency") or self.options["currency"],
            "document": document,
        }
        if kind == kinds.ORDERED:
            data["channel"] = found.get("channel") or self.options["channel"]
            if found.get("placed_by") == PlacedBy.ON_BEHALF:
                data["placed_by"] = PlacedBy.ON_BEHALF.value
        elif found.get("channel"):
            data["channel"] = found["channel"]
        return Report(
            # A file has no keys: the document is what makes a line known again.
            key=f"{numbers.key_of(found['number'])}:{kind}:{document.casefold()}",
            kind=kind,
            occurred_at=found["date"],
            account=found["number"],
            buyer={way: found[way] for way in (EXTERNAL_ID, EMAIL) if found.get(way)},
            data=data,
            fingerprint=digests.of_document(data),
        )


def _kind_by_sign(amount: Decimal) -> str:
    return kinds.CREDIT_NOTE if amount < 0 else kinds.ORDERED


def _currency(cell: str) -> str:
    found = cell.strip().upper()
    if _CURRENCY.fullmatch(found) is None:
        raise BadCell("currency_unknown")
    return found
