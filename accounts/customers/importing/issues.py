"""What was wrong with which line: gathered, counted, and written in bulk.

A file read with the wrong columns is wrong in every line: so many issues are kept as
a person would read, all are counted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from accounts.customers.models import ImportIssue

Severity, Part = ImportIssue.Severity, ImportIssue.Part
MOST_KEPT = 20_000

_COLUMNS = (
    "batch_id",
    "line",
    "column",
    "severity",
    "part",
    "code",
    "value",
    "label",
)


@dataclass
class Issues:
    """Of one import. `add` gathers, `flush` writes what was gathered."""

    batch_id: int
    refused: int = 0
    remarks: int = 0
    kept: int = 0
    _last_refused: int = 0
    _waiting: list[tuple[Any, ...]] = field(default_factory=list)

    def refuse(self, line: int, code: str, part: str = Part.LINE, **what: str) -> None:
        """Nothing of *part* is taken; *what* are column, value and label."""
        if line != self._last_refused:
            self.refused += 1
            self._last_refused = line
        self._add(line, Severity.REFUSED, part, code, what)

    def remark(self, line: int, code: str, part: str = Part.VALUE, **what: str) -> None:
        self.remarks += 1
        self._add(line, Severity.REMARK, part, code, what)

    def flush(self) -> None:
        _write(self._waiting)
        self._waiting.clear()

    def _add(
        self, line: int, severity: str, part: str, code: str, what: Mapping[str, str]
    ) -> None:
        if self.kept >= MOST_KEPT:
            return
        self.kept += 1
        column, value, label = (what.get(n, "") for n in ("column", "value", "label"))
        self._waiting.append(
            (
                self.batch_id,
                line,
                column[:100],
                severity,
                part,
                code,
                value.replace("\0", "")[:200],
                label[:60],
            )
        )


def forget(batch_id: int) -> None:
    ImportIssue.objects.filter(batch=batch_id).delete()


def _write(rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    sql = f"COPY customers_importissue ({names}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        for row in rows:
            copy.write_row(row)
