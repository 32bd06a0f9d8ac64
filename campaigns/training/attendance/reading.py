"""One line of an attendance list → one participant, or why not."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from accounts.customers import addresses, lines
from accounts.customers.addresses import Address, BadAddress
from accounts.customers.importing import cells, names
from accounts.customers.readers import Row

from . import durations
from .durations import BadDuration

#: What the tools write for "nothing".
_NOTHING = frozenset({"", "-", "--", "n/a", "—"})
#: "Ana (Ana Ruiz)" in Zoom: what she called herself that day, and her own name.
_ALIAS = re.compile(r".+?\s*\((.+)\)")
#: "(External)", "(Guest)", "(Invitado)": how Teams marks strangers.
_MARK = re.compile(
    r"\s*\((?:external|guest|externo|invitad[oa]|unverified|sin verificar)\)\s*$",
    re.IGNORECASE,
)
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Participant:
    """``address`` and ``minutes`` are None where the tool told none."""

    line: int
    name: str
    address: Address | None
    company: str = ""
    minutes: int | None = None
    attended: bool = True


class Refused(Exception):
    """A line nobody can take; ``field`` is the column at fault."""

    def __init__(self, code: str, field: str = "", value: str = "") -> None:
        super().__init__(code)
        self.code, self.field, self.value = code, field, value


def read(row: Row, columns: Mapping[str, int]) -> Participant:
    """*columns* maps slugs of `fields.FIELDS` to places. Raises `Refused`."""
    if row.problem:
        raise Refused(row.problem)
    said = {
        slug: text
        for slug, place in columns.items()
        if place < len(row.cells)
        and (text := lines.tidy(row.cells[place])).casefold() not in _NOTHING
    }
    address = _address(said.get("email", ""))
    name = _name(said)
    if address is None and not name:
        raise Refused("participant_unnamed")
    return Participant(
        row.line,
        name,
        address,
        said.get("company", "")[:LONGEST_NAME],
        _minutes(said),
        _attended(said),
    )


def _address(text: str) -> Address | None:
    """Meet hides part of strangers' addresses (a•••@…): those name nobody."""
    if not text or "*" in text or "•" in text:
        return None
    try:
        return addresses.check(text)
    except BadAddress as bad:
        raise Refused(bad.code, "email", text) from None


def _name(said: Mapping[str, str]) -> str:
    full = said.get("full_name", "")
    if not full:
        full = f"{said.get('first_name', '')} {said.get('last_name', '')}".strip()
    full = _MARK.sub("", full)
    if alias := _ALIAS.fullmatch(full):
        full = alias[1]
    if ", " in full:
        full = " ".join(names.split(full))
    return full[:LONGEST_NAME].strip()


def _minutes(said: Mapping[str, str]) -> int | None:
    text = said.get("minutes", "")
    if not text:
        return None
    try:
        return durations.minutes(text)
    except BadDuration:
        raise Refused("duration_unknown", "minutes", text) from None


def _attended(said: Mapping[str, str]) -> bool:
    """Without such a column everybody on the list came."""
    text = said.get("attended", "")
    if not text:
        return True
    try:
        return cells.flag(text)
    except cells.BadCell as bad:
        raise Refused(bad.code, "attended", text) from None
