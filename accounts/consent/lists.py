"""Lists of addresses to leave alone: taken in from a file, and given out as one.

Taking in only ever adds. A line that cannot be used is told of, and the others count
all the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.db.models import OuterRef, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.customers import addresses, problems, readers
from accounts.customers.models import Buyer
from accounts.customers.readers import Row
from accounts.staff.models import User

from . import choices, suppression
from .models import Suppression

Scope = Suppression.Scope

#: So many lines share a statement; so many bad ones are told of one by one.
BATCH, TOLD = 1_000, 200
_HASH = 64
_YES = {scope.value: scope for scope in Scope}
_HEAD = ("hash", "address", "scope", "reason", "since", "source")


@dataclass(frozen=True, slots=True)
class Wrong:
    line: int
    sentence: str | Promise


@dataclass(slots=True)
class Taken:
    """What became of a file. ``known`` were left alone before."""

    new: int = 0
    known: int = 0
    bad: int = 0
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def untold(self) -> int:
        return self.bad - len(self.wrong)


class Unusable(ValueError):
    """A line of which no address can be made; holds the sentence about it."""

    def __init__(self, sentence: str | Promise) -> None:
        super().__init__()
        self.sentence = sentence


def take_in(path: Path, scope: str, *, name: str, by: User, at: datetime) -> Taken:
    """Leave every address of the file alone, in the first column, or its hash.

    A second column may say for a line what is held back: "marketing" or "all".
    Raises `readers.BadFile` where the file is none of ours. In bounded memory; may
    be repeated.
    """
    taken = Taken()
    rows = readers.open_path(path)
    while batch := list(islice(rows, BATCH)):
        usable = list(_usable(batch, scope, taken))
        for each in Scope:
            hashes = {found for found, asked in usable if asked == each}
            _suppress(hashes, each, name, by, at, taken)
    return taken


def _usable(
    rows: Iterable[Row], scope: str, taken: Taken
) -> Iterator[tuple[bytes, Scope]]:
    for row in rows:
        try:
            yield _read(row, scope)
        except Unusable as unusable:
            taken.bad += 1
            if len(taken.wrong) < TOLD:
                taken.wrong.append(Wrong(row.line, unusable.sentence))


def _read(row: Row, scope: str) -> tuple[bytes, Scope]:
    if row.problem:
        raise Unusable(problems.sentence(row.problem))
    first, second = [*(cell.strip() for cell in row.cells), "", ""][:2]
    # An exported list has the hash first, and its scope in the third column.
    asked = row.cells[2].strip() if _is_hash(first) and len(row.cells) > 2 else second
    asked = asked.lower()
    if asked and "@" not in asked and asked not in _YES:
        raise Unusable(_("The second column says neither “marketing” nor “all”."))
    return _hash(first), _YES.get(asked, Scope(scope))


def _is_hash(text: str) -> bool:
    return len(text) == _HASH and all(one in "0123456789abcdef" for one in text.lower())


def _hash(text: str) -> bytes:
    if _is_hash(text):
        return bytes.fromhex(text)
    try:
        return addresses.check(text).hash
    except addresses.BadAddress as bad:
        raise Unusable(problems.sentence(bad.code)) from None


def _suppress(
    hashes: set[bytes], scope: Scope, name: str, by: User, at: datetime, taken: Taken
) -> None:
    if not hashes:
        return
    active = Suppression.objects.filter(
        address_hash__in=hashes, scope=scope, lifted_at=None
    )
    known = active.count()
    suppression.suppress_many(
        hashes,
        scope,
        reason=Suppression.Reason.BY_HAND,
        source=name[:200],
        at=at,
        by=by,
    )
    taken.known += known
    taken.new += len(hashes) - known


def lines() -> Iterator[Sequence[object]]:
    """Every address that is left alone, for a spreadsheet; in bounded memory.

    By its hash, which this installation takes in again, and by its text while a buyer
    has it.
    """
    yield _HEAD
    owner = Buyer.objects.filter(address_hash=OuterRef("address_hash"))
    rows = Suppression.objects.filter(lifted_at=None).order_by("pk")
    found = rows.annotate(address=Subquery(owner.values("email")[:1]))
    for row in found.iterator(chunk_size=BATCH):
        yield (
            bytes(row.address_hash).hex(),
            row.address or "",
            row.scope,
            row.get_reason_display(),
            row.created_at.isoformat(timespec="seconds"),
            choices.describe_source(row.source),
        )
