"""Whose clock shows an hour, as customers say it: "Madrid time"."""

from datetime import datetime
from functools import cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _


def whose(local: datetime, zone: str) -> str:
    """In the reader's language; a zone without a city goes by its abbreviation."""
    if city := _city(zone, get_language() or "en"):
        return _("%(city)s time") % {"city": city}
    short = local.tzname() or zone
    return f"UTC{short}" if short.startswith(("+", "-")) else short


@cache
def _city(zone: str, language: str) -> str:
    # Without a slash, or under Etc, no city is meant, whichever the tables would find.
    if "/" not in zone or zone.startswith("Etc/"):
        return ""
    from babel import dates  # noqa: PLC0415 - its tables are heavy

    locale = language.replace("-", "_")
    found = dates.get_timezone_location(zone, locale=locale, return_city=True)
    return found.rpartition("/")[2]
