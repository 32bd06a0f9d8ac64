"""A calendar that others subscribe to: published, never an invitation."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from . import zones
from .entries import Entry, event, line
from .invitations import PRODUCT

#: How often a program should ask again.
FRESH_FOR = timedelta(hours=1)


def feed(name: str, entries: Sequence[Entry]) -> bytes:
    """All *entries* under one name, each zone described once."""
    from icalendar import Calendar  # noqa: PLC0415 - heavy, see `entries`

    written = Calendar()
    written.add("prodid", PRODUCT)
    written.add("version", "2.0")
    written.add("calscale", "GREGORIAN")
    written.add("method", "PUBLISH")
    written.add("x-wr-calname", line(name))
    written.add("refresh-interval", FRESH_FOR, parameters={"VALUE": "DURATION"})
    written.add("x-published-ttl", "PT1H")
    by_zone = sorted(entries, key=lambda entry: entry.zone)
    for zone, together in groupby(by_zone, key=lambda entry: entry.zone):
        found = list(together)
        first = min(entry.starts_at for entry in found)
        last = max(entry.ends_at for entry in found)
        written.add_component(zones.describe(zone, first, last))
    for entry in entries:
        written.add_component(event(entry))
    return bytes(written.to_ical())
