"""Lines of a customer list → lines for the staging tables, and what was wrong."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from accounts.customers import numbers, reps, zones
from accounts.customers.jobs import Job
from accounts.customers.models import ImportIssue
from accounts.customers.readers import Row
from accounts.customers.upserts import AccountLine, BuyerLine

from . import cells, names, people
from .issues import Issues

Part = ImportIssue.Part
Said = dict[str, Any]

#: A line is worth nothing where one of these cannot be read: a block that is
#: misread would let somebody order, or be written to, who must not.
_VITAL = frozenset({"number", "eligible", "blocked"})
#: What is said of a person, besides her address.
_OF_PERSON = ("first_name", "last_name", "full_name", "phone")


class Column(NamedTuple):
    slug: str
    place: int
    header: str
    parse: Callable[[str], Any]


class Refused(Exception):
    """The whole line."""

    def __init__(self, code: str, column: str = "", value: str = "") -> None:
        super().__init__(code)
        self.code, self.column, self.value = code, column, value


def parsers(options: Mapping[str, Any]) -> dict[str, Callable[[str], Any]]:
    """How each field's cells are read, by the notation of the file."""
    amount = cells.amount(decimal=options["decimal"])
    day = cells.day(order=options["dates"])
    return {
        "number": cells.number(strip_zeros=options["strip_zeros"]),
        "name": cells.text(200),
        "segment": cells.text(60),
        "is_key": cells.flag,
        "city": cells.text(100),
        "country": cells.country,
        "account_language": cells.language,
        "time_zone": cells.zone,
        "rep_code": cells.text(60),
        "annual_value": amount,
        "customer_since": day,
        "eligible": cells.flag,
        "blocked": cells.unless_blocked(options["blocked_words"]),
        "ineligible_reason": cells.text(200),
        "ineligible_from": day,
        "ineligible_until": day,
        "external_id": cells.text(60),
        "first_name": cells.name(100),
        "last_name": cells.name(100),
        "full_name": cells.name(200),
        "phone": cells.text(40),
        "language": cells.language,
    }


class Reader:
    """Reads one line after the other into ``accounts`` and ``buyers``."""

    def __init__(self, job: Job, stage: int, issues: Issues) -> None:
        self.stage = stage
        self.issues = issues
        self.accounts: list[AccountLine] = []
        self.buyers: list[BuyerLine] = []
        self._reps = reps.directory()
        self._width = len(job.batch.header)
        self._emails = job.columns.get("email")
        self._email_header = job.header_of("email")
        by_slug = parsers(job.options)
        self._columns = [
            Column(slug, index, job.header_of(slug), by_slug[slug])
            for slug, index in job.columns.items()
            if slug in by_slug
        ]
        # An empty cell says nothing, except of a block: there it means that none is.
        blocks = "blocked" in job.columns and job.options["empty_is_free"]
        self._free_when_empty = True if blocks else None

    def read(self, row: Row) -> None:
        label = ""
        try:
            if row.problem:
                raise Refused(row.problem)
            said = self._say(row)
            if not said and not any(cell.strip() for cell in row.cells):
                return
            if "number" not in said:
                raise Refused("number_missing")
            label = said["number"]
            self._take_account(row.line, said)
            self._take_buyers(row, said)
        except Refused as refused:
            self.issues.refuse(
                row.line,
                refused.code,
                column=refused.column,
                value=refused.value,
                label=label,
            )

    def _say(self, row: Row) -> Said:
        """What the line says, by field; blank cells say nothing."""
        given = row.cells
        width = len(given)
        if width > self._width and any(cell.strip() for cell in given[self._width :]):
            raise Refused("too_many_cells", value=given[self._width])
        said: Said = {}
        for slug, index, header, parse in self._columns:
            cell = given[index] if index < width else ""
            if not cell or cell.isspace():
                continue
            try:
                value = parse(cell)
            except cells.BadCell as bad:
                if slug in _VITAL:
                    raise Refused(bad.code, header, cell) from None
                label = said.get("number", "")
                self.issues.remark(
                    row.line, bad.code, column=header, value=cell, label=label
                )
            else:
                if value is not None and value != "":
                    said[slug] = value
        return said

    # -- The account -------------------------------------------------------------------

    def _take_account(self, line: int, said: Said) -> None:
        country = said.get("country")
        code = said.get("rep_code")
        rep_code = reps.fold(code) if code else None
        eligible = self._eligible(said)
        self.accounts.append(
            AccountLine(
                self.stage,
                line,
                numbers.key_of(said["number"]),
                said["number"],
                said.get("name"),
                said.get("segment"),
                said.get("is_key"),
                said.get("city"),
                country,
                said.get("account_language"),
                said.get("time_zone"),
                zones.zone_for(country) if country else None,
                rep_code,
                self._reps.get(rep_code) if rep_code else None,
                said.get("annual_value"),
                said.get("customer_since"),
                eligible,
                self._reason(line, said, eligible),
                said.get("ineligible_from"),
                said.get("ineligible_until"),
            )
        )

    def _eligible(self, said: Said) -> bool | None:
        """Two columns may speak; either of them can bar the account."""
        free: bool | None = said.get("blocked", self._free_when_empty)
        may: bool | None = said.get("eligible")
        if free is None or may is None:
            return may if free is None else free
        return free and may

    def _reason(self, line: int, said: Said, eligible: bool | None) -> str | None:
        reason: str | None = said.get("ineligible_reason")
        dated = "ineligible_from" in said or "ineligible_until" in said
        if reason and eligible and not dated:
            self.issues.remark(
                line, "reason_without_bar", value=reason, label=said["number"]
            )
            return None
        return reason

    # -- Its buyers --------------------------------------------------------------------

    def _take_buyers(self, row: Row, said: Said) -> None:
        found = self._addresses(row, said)
        good = [one for one in found if one.address is not None]
        if good:
            # Name, id and phone of the line are those of the first address.
            self._add_buyer(row.line, said, good[0])
            for other in good[1:]:
                self._add_buyer(row.line, _colleague_of(said), other)
        elif "external_id" in said:
            self._add_buyer(row.line, said, None)
        elif not found and any(field in said for field in _OF_PERSON):
            self.issues.refuse(
                row.line,
                "buyer_unnamed",
                Part.BUYER,
                column=self._email_header,
                label=said["number"],
            )

    def _addresses(self, row: Row, said: Said) -> list[people.Found]:
        """Those of the cell; bad ones and doubled ones are told."""
        index = self._emails
        if index is None or index >= len(row.cells) or not row.cells[index].strip():
            return []
        found = people.find(row.cells[index])
        seen: set[str] = set()
        kept: list[people.Found] = []
        for one in found:
            about = {
                "column": self._email_header,
                "value": one.text,
                "label": said["number"],
            }
            if one.address is None:
                self.issues.refuse(row.line, one.code, Part.BUYER, **about)
            elif one.address.key in seen:
                self.issues.remark(row.line, "buyer_repeated", Part.NOTHING, **about)
                continue
            else:
                seen.add(one.address.key)
            kept.append(one)
        return kept

    def _add_buyer(self, line: int, said: Said, one: people.Found | None) -> None:
        address = one.address if one else None
        first, last, split = _name(said, one.name if one else "")
        self.buyers.append(
            BuyerLine(
                self.stage,
                line,
                numbers.key_of(said["number"]),
                said.get("external_id"),
                address.email if address else None,
                address.key if address else None,
                address.hash if address else None,
                first,
                last,
                split,
                said.get("phone"),
                said.get("language"),
            )
        )


def _colleague_of(said: Said) -> Said:
    return {key: said[key] for key in ("number", "language") if key in said}


def _name(said: Said, beside: str) -> tuple[str | None, str | None, bool]:
    """First name, last name, and whether they were guessed from a full name."""
    first, last = said.get("first_name"), said.get("last_name")
    full = said.get("full_name") or beside
    if first or last or not full:
        return first, last, False
    guessed_first, guessed_last = names.split(full)
    return guessed_first[:100], guessed_last[:100], True
