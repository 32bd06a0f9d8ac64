"""What an appointment says, and how it is written."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar import Event

# Controls, line separators and direction overrides; "\n" and tabs are text.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
_BREAKS = re.compile(r"\s*[\r\n\t]+\s*")


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """Rings so long before the start, saying ``text``."""

    before: timedelta
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One appointment of one person.

    ``uid`` stays for as long as the seat is hers; ``sequence`` rises with whatever
    changes. ``zone`` is where the wall clock of the appointment hangs. ``changed_at``
    is when it last became what it is.
    """

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    zone: str
    title: str
    description: str = ""
    place: str = ""
    url: str = ""
    alarms: tuple[Alarm, ...] = ()
    cancelled: bool = False


def line(text: str) -> str:
    """On one line, without signs that nobody sees."""
    return _UNSAFE.sub("", _BREAKS.sub(" ", text)).strip()


def paragraphs(text: str) -> str:
    return _UNSAFE.sub("", text.replace("\r\n", "\n")).strip()


def event(entry: Entry) -> "Event":
    # Heavy: a third of a second, which most processes never need.
    from icalendar import Event  # noqa: PLC0415

    zone = ZoneInfo(entry.zone)
    written = Event()
    written.add("uid", entry.uid)
    written.add("sequence", entry.sequence)
    written.add("dtstamp", entry.changed_at.astimezone(UTC))
    written.add("last-modified", entry.changed_at.astimezone(UTC))
    written.add("dtstart", entry.starts_at.astimezone(zone))
    written.add("dtend", entry.ends_at.astimezone(zone))
    written.add("summary", line(entry.title))
    for name, value in (
        ("description", paragraphs(entry.description)),
        ("location", line(entry.place)),
        ("url", entry.url),
    ):
        if value:
            written.add(name, value)
    written.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    written.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    if not entry.cancelled:
        _ring(written, entry)
    return written


def _ring(written: "Event", entry: Entry) -> None:
    from icalendar import Alarm as Component  # noqa: PLC0415 - as above

    for alarm in entry.alarms:
        bell = Component()
        bell.add("action", "DISPLAY")
        bell.add("description", line(alarm.text))
        bell.add("trigger", -alarm.before)
        written.add_component(bell)
