"""Where in the file the list of people is.

Teams writes a summary above it and each coming and going below it, Zoom the meeting's
own line, or hosts and panellists, above it. What is not the list is blanked out line
by line, so that the numbers of lines stay those of the file.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accounts.customers.countries import fold
from accounts.customers.readers import BadFile
from accounts.customers.readers.delimited import SEPARATORS
from accounts.customers.readers.encodings import find
from accounts.customers.readers.sources import Source

from . import fields

_ZIP = b"PK\x03\x04"
#: What stands above, or below, lists of other people and other things.
_OF_OTHERS = frozenset(
    {
        "host details",
        "panelist details",
        "panellist details",
        "other attended",
        "activities",
        "in meeting activities",
        "detalles del anfitrion",
        "detalles del panelista",
        "detalles de los panelistas",
        "otros asistentes",
        "actividades",
        "actividades en la reunion",
        "actividades de la reunion",
    }
)


@dataclass(frozen=True, slots=True)
class Section:
    """Rows from the header up to, not including, ``end``; counted from 0."""

    title: str
    begin: int
    end: int
    known: int


def of_list(source: Source) -> bytes | None:
    """The file with all but its list of people blanked out, as UTF-8.

    None where it can be read as it is: a workbook, or a list from the first line on.
    """
    if next(source.pieces(), b"").startswith(_ZIP):
        return None
    text = _text(source)
    for separator in SEPARATORS:
        rows = _rows(text, separator)
        found = _best(rows)
        if found is not None:
            whole = found.begin == 0 and found.end == len(rows)
            return None if whole else _keep(rows, found, separator)
    return None


def _text(source: Source) -> str:
    encoding = find(source)
    try:
        return b"".join(source.pieces()).decode(encoding)
    except UnicodeDecodeError:
        raise BadFile("file_encoding") from None


def _rows(text: str, separator: str) -> list[list[str]]:
    """One list per line of the file; lines inside quotation marks stay one row."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows += [[]] * (reader.line_num - 1 - len(rows))
            rows.append(row)
    except csv.Error:
        raise BadFile("file_quotes", reader.line_num) from None
    return rows


def _best(rows: Sequence[Sequence[str]]) -> Section | None:
    """The section that knows most of our fields; of equals the first."""
    found = [each for each in _sections(rows) if each.title not in _OF_OTHERS]
    return max(found, key=lambda each: (each.known, -each.begin), default=None)


def _sections(rows: Sequence[Sequence[str]]) -> Iterator[Section]:
    headers = [at for at, row in enumerate(rows) if _known(row)]
    for at in headers:
        title = _title(rows, at)
        yield Section(title, at, _end(rows, at, headers), _known(rows[at]))


def _known(row: Sequence[str]) -> int:
    """How many columns are ours, if this is the header of a list of people."""
    names = [fold(cell) for cell in row]
    slugs = {fields.slug_of(name) for name in names} - {""}
    named = slugs & {"full_name", "first_name"}
    told = slugs & {"minutes", "attended"} or fields.TIMES & set(names)
    return len(slugs) if named and told else 0


def _title(rows: Sequence[Sequence[str]], at: int) -> str:
    """What stands alone in the line above, without its number: "2. Participants"."""
    for row in reversed(rows[:at]):
        cells = [cell for cell in row if cell.strip()]
        if cells:
            return fold(cells[0]).lstrip("0123456789 ") if len(cells) == 1 else ""
    return ""


def _end(rows: Sequence[Sequence[str]], begin: int, headers: Sequence[int]) -> int:
    """Up to the title of another list, or its header.

    A blank line ends nothing by itself: some programs leave them within a list.
    """
    for at in range(begin + 1, len(rows)):
        if at in headers or _is_title(rows[at]):
            return at
    return len(rows)


def _is_title(row: Sequence[str]) -> bool:
    cells = [cell for cell in row if cell.strip()]
    return len(cells) == 1 and fold(cells[0]).lstrip("0123456789 ") in _OF_OTHERS


def _keep(rows: Sequence[Sequence[str]], section: Section, separator: str) -> bytes:
    """The list alone, its lines where they were; no row wider than its header."""
    width = len(rows[section.begin])
    parts: list[str] = []
    lines = 0
    for at in range(section.begin, section.end):
        row = _narrowed(rows[at], width)
        if any(row):
            written = _line(row, separator)
            # A row stands in the last of its lines; what is missing were blank ones.
            parts.append("\n" * (at + 1 - lines - written.count("\n")) + written)
            lines = at + 1
    return "".join(parts).encode()


def _line(row: Sequence[str], separator: str) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=separator, lineterminator="\n").writerow(row)
    return written.getvalue()


def _narrowed(row: Sequence[str], width: int) -> Sequence[str]:
    """Zoom ends its webinar's lines with a separator too many."""
    while len(row) > width and not row[-1].strip():
        row = row[:-1]
    return row
