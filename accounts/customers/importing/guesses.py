"""What the first values of a column say about the notation of the whole file."""

import re
from collections.abc import Iterable

_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{2,4}")
_COMMA_LAST = re.compile(r".*\.\d{3},\d+|-?\d+,\d{1,2}|-?\d{1,3}(\.\d{3}){2,}")
_POINT_LAST = re.compile(r".*,\d{3}\.\d+|-?\d+\.\d{1,2}|-?\d{1,3}(,\d{3}){2,}")


def decimal_mark(values: Iterable[str]) -> str:
    """ "comma" or "point", whichever more values can only have; a tie is a point."""
    values = list(values)
    commas = sum(_COMMA_LAST.fullmatch(value) is not None for value in values)
    points = sum(_POINT_LAST.fullmatch(value) is not None for value in values)
    return "comma" if commas > points else "point"


def date_order(values: Iterable[str]) -> str:
    """ "dmy" unless a value has a month where the day would be."""
    for value in values:
        if (parts := _DAY_FIRST.match(value)) and int(parts[2]) > 12:
            return "mdy"
    return "dmy"


def has_leading_zeros(values: Iterable[str]) -> bool:
    """All of one length and most begun with a zero: filled up by the system."""
    given = [value for value in values if value]
    zeros = sum(value.startswith("0") for value in given)
    return bool(given) and zeros * 2 > len(given) and len(set(map(len, given))) == 1
