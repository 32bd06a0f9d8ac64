"""Files as rows, in bounded memory: `open(batch)` yields every `Row` below the header.

    for row in readers.open(batch):
        row.line, row.cells, row.problem

``line`` is where the row begins: the line of a text file, the row of a sheet, as an
editor or a spreadsheet counts them. ``cells`` are texts; one that a workbook holds
as a number or a date is an `Exact`. ``problem`` is a code of `customers.problems`
where the row cannot be read ("" otherwise), and then it has no cells.
"""

from .layouts import Layout, Look, look, open, open_path  # noqa: A004 - reads aloud
from .rows import BadFile, Exact, Row
from .sources import Parts, Path, Source

__all__ = [
    "BadFile",
    "Exact",
    "Layout",
    "Look",
    "Parts",
    "Path",
    "Row",
    "Source",
    "look",
    "open",
    "open_path",
]
