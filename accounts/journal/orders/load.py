"""Lines of an order list → the journal, a chunk at a time."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from accounts.customers.readers import Row
from accounts.journal import intake
from accounts.journal.intake import Result, Status

from .reading import Line, Reader, Refused

SOURCE = "orders-file"
CHUNK = 2_000

#: Hears of every line that is refused.
Tell = Callable[[Row, Refused], None]
#: Hears how many lines are done.
Beat = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many lines there were, and what became of them."""

    lines: int
    refused: int
    results: Counter[Status]


def load(rows: Iterable[Row], reader: Reader, at: datetime, told: "Listener") -> Loaded:
    """Record every line that can be read. Twice changes nothing."""
    results: Counter[Status] = Counter()
    lines = refused = 0
    for chunk in chunks(rows):
        read = read_all(chunk, reader, told.refused)
        taken = intake.take([line.report for line in read], SOURCE, at)
        for line, result in zip(read, taken, strict=True):
            told.taken(line, result)
            results[result.status] += 1
        lines, refused = lines + len(chunk), refused + len(chunk) - len(read)
        told.done(lines)
    return Loaded(lines, refused, results)


@dataclass(frozen=True, slots=True)
class Listener:
    """What the caller wants to hear while lines are loaded."""

    refused: Tell = lambda row, why: None
    taken: Callable[[Line, Result], None] = lambda line, result: None
    done: Beat = lambda lines: None


def read_all(rows: Sequence[Row], reader: Reader, tell: Tell) -> list[Line]:
    found = []
    for row in rows:
        try:
            found.append(reader.read(row))
        except Refused as why:
            tell(row, why)
    return found


def chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
