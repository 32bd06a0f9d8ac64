"""What reading a file yields, and how it fails."""

from typing import NamedTuple


class BadFile(Exception):
    """The file cannot be read; ``code`` is one of `customers.problems`."""

    def __init__(self, code: str, line: int | None = None) -> None:
        super().__init__(code if line is None else f"{code} in line {line}")
        self.code = code
        self.line = line


class Exact(str):
    """A number or date that a workbook holds as such: "1234.5" or "2026-03-29".

    No option about commas or the order of days applies to it.
    """

    __slots__ = ()


class Row(NamedTuple):
    line: int
    cells: list[str]
    problem: str = ""
