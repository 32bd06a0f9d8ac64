"""How a file is laid out: found by looking, kept with its row, used to open it."""

import pathlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from accounts.customers.lines import tidy
from accounts.customers.models import CustomerImport

from . import delimited, encodings, sources, workbooks
from .rows import BadFile, Row
from .sources import Source

WORKBOOK = "xlsx"
SAMPLES = 20
MOST_COLUMNS = 500
# How a file gives away that it is no text: archives, old workbooks, compressed ones.
_ZIP, _OLE, _GZIP = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b"
_PDF = b"%PDF-"
_SEALED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Layout:
    """``encoding`` is Python's name of it, or "xlsx"; then only ``sheet`` counts."""

    encoding: str
    separator: str = ""
    sheet: str = ""

    @property
    def is_workbook(self) -> bool:
        return self.encoding == WORKBOOK


@dataclass(frozen=True, slots=True)
class Look:
    """What the first rows show: names of the columns, and a few rows below them."""

    layout: Layout
    header: list[str]
    samples: list[list[str]]
    sheets: list[str] = field(default_factory=list)


def open(batch: CustomerImport) -> Iterator[Row]:  # noqa: A001 - readers.open
    """The rows below the header of an uploaded file."""
    layout = Layout(batch.encoding, batch.delimiter, batch.sheet)
    return _body(sources.Parts(batch), layout)


def open_path(path: str | pathlib.Path, layout: Layout | None = None) -> Iterator[Row]:
    """The rows below the header of a file on disk."""
    source = sources.Path(path)
    return _body(source, layout or find_layout(source))


def look(source: Source, layout: Layout | None = None) -> Look:
    """Read the header and the first rows; raises `BadFile` where that is no list."""
    layout = layout or find_layout(source)
    rows = _rows(source, layout)
    header = _header(next(rows, None))
    samples = [row.cells for row in islice(rows, SAMPLES) if not row.problem]
    if not samples:
        raise BadFile("file_header_only")
    found = workbooks.sheets(source) if layout.is_workbook else []
    return Look(layout, header, samples, found)


def find_layout(source: Source) -> Layout:
    first = next(source.pieces(), b"")
    if not first:
        raise BadFile("file_empty")
    if first.startswith(_ZIP):
        return Layout(WORKBOOK)
    if first.startswith(_OLE):
        raise BadFile("file_protected" if _SEALED in first else "file_xls")
    if first.startswith(_PDF):
        raise BadFile("file_pdf")
    if first.startswith(_GZIP):
        raise BadFile("file_compressed")
    encoding = encodings.find(source)
    return Layout(encoding, delimited.find_separator(source, encoding))


def _body(source: Source, layout: Layout) -> Iterator[Row]:
    rows = _rows(source, layout)
    next(rows, None)
    return rows


def _rows(source: Source, layout: Layout) -> Iterator[Row]:
    if layout.is_workbook:
        return workbooks.rows(source, layout.sheet)
    return delimited.rows(source, layout.encoding, layout.separator)


def _header(row: Row | None) -> list[str]:
    """The names of the columns; those without one are numbered by the page."""
    if row is None:
        raise BadFile("file_empty")
    if row.problem:
        raise BadFile(row.problem, row.line)
    names = [tidy(cell) for cell in row.cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise BadFile("file_too_many_columns", row.line)
    if len(names) < 2:
        raise BadFile("file_no_columns", row.line)
    _check_names(names, row.line)
    return names


def _check_names(names: Sequence[str], line: int) -> None:
    folded = [name.casefold() for name in names if name]
    if len(set(folded)) < len(folded):
        raise BadFile("file_header_twice", line)
    values = [name for name in names if "@" in name or name.isdigit()]
    if "@" in "".join(names) or len(values) * 2 > len(names):
        raise BadFile("file_header_values", line)
