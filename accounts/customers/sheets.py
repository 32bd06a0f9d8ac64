"""CSV for a spreadsheet, in which no cell can become a formula."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse
from django.utils import translation

# A spreadsheet takes a cell that begins so for a formula, and runs it; one that cuts
# at another sign than ours sees cells begin in the middle of ours.
_DANGEROUS = re.compile(r"(^|[;,\t\r\n])(?=[=+\-@\t\r\0])")


def harmless(value: object) -> str:
    text = "" if value is None else str(value)
    return _DANGEROUS.sub(r"\1'", text)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def rows(lines: Iterable[Sequence[object]]) -> Iterator[str]:
    """RFC 4180 with a mark for Excel; a semicolon where commas are decimal."""
    separator = ";" if translation.get_language() == "es" else ","
    writer = csv.writer(_Echo(), delimiter=separator)
    yield "\ufeff"
    for line in lines:
        yield writer.writerow([harmless(value) for value in line])


def download(name: str, lines: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        rows(lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
