"""Values of a database, as they stand in an import's lists, in a reader's notation."""

import re
from datetime import datetime

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.timezone import is_aware, localtime

#: Between two values that contradict each other; both are as the database writes them.
AGAINST = " ≠ "
_DECIMAL = re.compile(r"-?\d+\.\d+")


def both(text: str) -> str:
    """A contradiction in words; what a file says by itself stays as it was written."""
    if AGAINST not in text:
        return text
    return AGAINST.join(one(value) for value in text.split(AGAINST))


def one(value: str) -> str:
    """A number, a day or an instant as its reader writes it; anything else as it is."""
    if _DECIMAL.fullmatch(value):
        return number_format(value, 2, use_l10n=True, force_grouping=True)
    return _date(value) or value


def _date(value: str) -> str:
    try:
        if day := parse_date(value):
            return date_format(day, "SHORT_DATE_FORMAT")
        if moment := parse_datetime(value):
            return _instant(moment)
    except ValueError:
        pass  # Looks like a date and is none: shown as it stands.
    return ""


def _instant(moment: datetime) -> str:
    local = localtime(moment) if is_aware(moment) else moment
    zone = f" ({local.tzname()})" if local.tzname() else ""
    return f"{date_format(local, 'SHORT_DATETIME_FORMAT')}{zone}"
