"""A program of its own: unpacks one sheet of a workbook, as JSON lines.

    python -I unpack.py FILE [SHEET]

First an object with the names of the visible sheets, then [line, cells] for each row
that holds anything, then "end". A number or a date is a list of one text, so that
its reader need not guess. Limits on memory and time come before the file is opened:
whoever exceeds them dies, and the reader of the output says so.
"""

import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

MEMORY = 1024 * 1024 * 1024
SECONDS = 60
MOST_COLUMNS = 500
MOST_ROWS = 1_048_576
LONGEST_CELL = 32_767
MIDNIGHT = time()


class Bad(Exception):
    """Not to be read; carries a code and perhaps a line."""


def main(path: str, wanted: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        for said in unpack(path, wanted):
            say(said)
    except Bad as bad:
        code, line = bad.args
        say({"bad": code, "line": line})
    else:
        say("end")


def unpack(path: str, wanted: str) -> Iterator[Any]:
    # Heavy, and under the limits only now.
    from python_calamine import (  # noqa: PLC0415
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    try:
        book = CalamineWorkbook.from_path(path)
        names = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
            and sheet.visible == SheetVisibleEnum.Visible
        ]
        yield {"sheets": names}
        yield from rows_of(book, names, wanted)
    except PasswordError:
        raise Bad("file_protected", None) from None
    except CalamineError:
        raise Bad("file_zip", None) from None


def rows_of(book: Any, names: list[str], wanted: str) -> Iterator[list[Any]]:
    """The wanted sheet, or the first with anything in it."""
    for name in [wanted] if wanted in names else names:
        sheet = book.get_sheet_by_name(name)
        if sheet.start is None:
            continue
        if sheet.width > MOST_COLUMNS:
            raise Bad("file_too_many_columns", None)
        if sheet.height > MOST_ROWS:
            raise Bad("file_too_many_rows", None)
        first, _column = sheet.start
        for number, values in enumerate(sheet.iter_rows(), first + 1):
            cells = [cell_of(value, number) for value in values]
            if any(cells):
                yield [number, cells]
        return
    raise Bad("file_sheet", None)


def cell_of(value: Any, line: int) -> str | list[str]:
    if isinstance(value, str):
        if len(value) > LONGEST_CELL:
            raise Bad("file_cell_too_long", line)
        return value
    if value is None:
        return ""
    return [exact(value)]


def exact(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime) and value.time() == MIDNIGHT:
        return value.date().isoformat()
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value.total_seconds()) if isinstance(value, timedelta) else str(value)


def say(what: Any) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
