"""XLSX: looked at from outside first, then unpacked in a process on a short leash.

A file of less than a megabyte can unpack to millions of rows, or to one cell so far
out that a table up to it fills any memory. So the archive's own figures are checked
before anything is unpacked, and the unpacking happens in `unpack`, whose memory and
time the kernel limits.
"""

import json
import subprocess
import sys
import zipfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from . import sources
from .rows import BadFile, Exact, Row

MOST_ENTRIES = 200
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 100
# An archive of small, very even parts is no danger whatever its ratio.
SMALL = 1024 * 1024

SCRIPT = Path(__file__).with_name("unpack.py")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def rows(source: sources.Source, sheet: str = "") -> Iterator[Row]:
    """Every row of the sheet that holds anything, the header too."""
    unpacked = _unpack(source, sheet)
    next(unpacked)
    for line, cells in unpacked:
        yield Row(line, [_cell(value) for value in cells])


def sheets(source: sources.Source) -> list[str]:
    """The names of the visible sheets."""
    unpacked = _unpack(source, "")
    try:
        found: list[str] = next(unpacked)["sheets"]
    finally:
        unpacked.close()
    return found


def _cell(value: str | list[str]) -> str:
    """Text comes as it is, a number or a date in a list of one."""
    return value if isinstance(value, str) else Exact(value[0])


def _unpack(source: sources.Source, sheet: str) -> Generator[Any, None, None]:
    with sources.on_disk(source) as path:
        check(path)
        command = [sys.executable, "-I", str(SCRIPT), str(path), sheet]
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
        ) as process:
            try:
                yield from _say(process)
            finally:
                process.kill()


def _say(process: "subprocess.Popen[bytes]") -> Iterator[Any]:
    assert process.stdout is not None  # noqa: S101 - asked for above
    finished = False
    for line in process.stdout:
        said = json.loads(line)
        if isinstance(said, dict) and "bad" in said:
            raise BadFile(said["bad"], said.get("line"))
        finished = said == "end"
        if not finished:
            yield said
    if not finished:
        # Killed by its limits: what it was asked to unpack is no customer list.
        raise BadFile("file_bomb")


def check(path: Path) -> None:
    """Refuse what is no workbook, and what would unpack to too much."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadFile("file_zip") from None
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise BadFile("file_compressed")
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadFile("file_protected")
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_UNPACKED:
        raise BadFile("file_bomb")
    if any(_is_dense(entry) for entry in entries):
        raise BadFile("file_bomb")


def _is_dense(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > SMALL and entry.file_size > MOST_RATIO * max(
        entry.compress_size, 1
    )
