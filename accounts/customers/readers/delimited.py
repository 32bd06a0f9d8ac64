"""Text with separators, read so that no file can make memory grow with it.

`csv.reader` alone takes a line of any length before its own limit applies, and lets
a quotation mark that nobody closes swallow everything below it.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from .rows import BadFile, Row
from .sources import PIECE, Pieces, Source

LONGEST_LINE = 256 * 1024
LONGEST_CELL = 32_000
#: Over how many lines one row may go, its cells holding line breaks.
MOST_LINES_OF_A_ROW = 200
SEPARATORS = (";", ",", "\t", "|")

# csv's limit belongs to the process; ours is well below its default.
csv.field_size_limit(LONGEST_CELL)


@dataclass
class Position:
    """The line read last, and the one where the row under way began."""

    line: int = 0
    began: int = 0


def rows(source: Source, encoding: str, separator: str) -> Iterator[Row]:
    """Every row, the header too; empty lines are left out."""
    position = Position()
    with _as_text(source, encoding) as text:
        reader = csv.reader(_lines(text, position), delimiter=separator, strict=True)
        while True:
            position.began = position.line + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield _unreadable(error, position.began)
            else:
                if any(cells):
                    yield Row(position.began, cells)


def _as_text(source: Source, encoding: str) -> io.TextIOWrapper:
    stream = io.BufferedReader(Pieces(source), PIECE)
    return io.TextIOWrapper(stream, encoding=encoding, newline="")


def _lines(text: io.TextIOWrapper, position: Position) -> Iterator[str]:
    while line := _read_line(text, position):
        position.line += 1
        if len(line) >= LONGEST_LINE:
            raise BadFile("file_line_too_long", position.line)
        if "\0" in line:
            raise BadFile("file_not_text", position.line)
        if position.line - position.began >= MOST_LINES_OF_A_ROW:
            raise BadFile("file_quotes", position.began)
        yield line


def _read_line(text: io.TextIOWrapper, position: Position) -> str:
    try:
        return text.readline(LONGEST_LINE)
    except UnicodeError:
        raise BadFile("file_encoding", position.line + 1) from None


def _unreadable(error: csv.Error, line: int) -> Row:
    if "field larger" in str(error):
        return Row(line, [], "file_cell_too_long")
    if "unexpected end" in str(error):
        raise BadFile("file_quotes", line)
    return Row(line, [], "file_quotes")


def find_separator(source: Source, encoding: str) -> str:
    """The separator that cuts the first rows into the most equal pieces."""
    scores = {each: _score(source, encoding, each) for each in SEPARATORS}
    best = max(SEPARATORS, key=lambda each: scores[each])
    return best if scores[best] > (0, 1) else SEPARATORS[0]


def _score(source: Source, encoding: str, separator: str) -> tuple[float, int]:
    """How many of the first rows are as wide as the header, and how wide that is."""
    widths = []
    try:
        for row in rows(source, encoding, separator):
            widths.append(len(row.cells))
            if len(widths) == 20:
                break
    except BadFile:
        return (0, 0)
    if not widths or widths[0] < 2:
        return (0, 0)
    return (widths.count(widths[0]) / len(widths), widths[0])
