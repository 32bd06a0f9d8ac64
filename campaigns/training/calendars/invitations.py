"""The invitation to one attendee, and its withdrawal (RFC 5546: REQUEST, CANCEL)."""

from dataclasses import replace
from typing import TYPE_CHECKING

from . import zones
from .entries import Entry, Person, event, line

if TYPE_CHECKING:
    from icalendar import vCalAddress

PRODUCT = "-//Onboarding//Training//EN"
REQUEST, CANCEL = "REQUEST", "CANCEL"
#: For the part of a mail: ``CONTENT_TYPE.format(method=REQUEST)``.
CONTENT_TYPE = "text/calendar; charset=utf-8; method={method}"


def invite(entry: Entry, organiser: Person, attendee: Person) -> bytes:
    """Puts the appointment into her calendar, or changes what is there already."""
    return _object(REQUEST, entry, organiser, attendee)


def withdraw(entry: Entry, organiser: Person, attendee: Person) -> bytes:
    """Takes it out of hers, and of nobody else's."""
    return _object(CANCEL, replace(entry, cancelled=True), organiser, attendee)


def _object(method: str, entry: Entry, organiser: Person, attendee: Person) -> bytes:
    from icalendar import Calendar  # noqa: PLC0415 - heavy, see `entries`

    written = Calendar()
    written.add("prodid", PRODUCT)
    written.add("version", "2.0")
    written.add("calscale", "GREGORIAN")
    written.add("method", method)
    written.add_component(zones.describe(entry.zone, entry.starts_at, entry.ends_at))
    appointment = event(entry)
    appointment.add("organizer", _address(organiser))
    appointment.add("attendee", _attending(attendee, cancelled=entry.cancelled))
    written.add_component(appointment)
    return bytes(written.to_ical())


def _address(person: Person) -> "vCalAddress":
    from icalendar import vCalAddress  # noqa: PLC0415 - heavy, see `entries`

    address = vCalAddress(f"mailto:{line(person.email)}")
    if name := line(person.name).replace('"', "'"):
        address.params["CN"] = name
    return address


def _attending(person: Person, *, cancelled: bool) -> "vCalAddress":
    """She has her seat already: her calendar need not ask whether she comes."""
    address = _address(person)
    address.params["CUTYPE"] = "INDIVIDUAL"
    address.params["ROLE"] = "REQ-PARTICIPANT"
    address.params["PARTSTAT"] = "DECLINED" if cancelled else "ACCEPTED"
    address.params["RSVP"] = "FALSE"
    return address
