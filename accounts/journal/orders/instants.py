"""When a document was made: local dates and times of a file → instants."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from accounts.customers.importing import cells
from accounts.customers.importing.cells import BadCell
from accounts.customers.readers import Exact

# A document without a time: noon is on the same day in most zones.
NOON = time(12)
_TIME = re.compile(
    r"[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([AaPp]\.?[Mm]\.?)?$"
)
_WITH_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$")


def instant(*, order: str, zone: str) -> Callable[[str], datetime]:
    """``order`` of day and month as in `cells.day`; ``zone`` is where it was written.

    A time that a clock change left out moves forward; of one that happened twice
    the first is meant.
    """
    day, here = cells.day(order=order), ZoneInfo(zone)

    def parse(cell: str) -> datetime:
        text = cell.strip()
        if _WITH_OFFSET.match(text):
            return _exact(text)
        found = day(Exact(text) if isinstance(cell, Exact) else text)
        if found is None:
            raise BadCell("not_a_date")
        local = datetime.combine(found, _time(text), tzinfo=here)
        return local.astimezone(UTC)

    return parse


def _exact(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadCell("not_a_date") from None


def _time(text: str) -> time:
    found = _TIME.search(text)
    if found is None:
        if ":" in text:
            raise BadCell("not_a_time")
        return NOON
    hour, half = int(found[1]), (found[4] or "").lower()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, int(found[2]), int(found[3] or 0))
    except ValueError:
        raise BadCell("not_a_time") from None
