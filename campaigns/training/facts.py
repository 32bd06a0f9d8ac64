"""``{{ session.… }}`` in messages: the date, the place and the seat in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Buyer
from campaigns.sequences import schedule
from campaigns.sequences.touchpoints import Fact, Facts, Recipient

from . import about
from .models import Seat, Session
from .seats import queue

Words = Mapping[str, str | None]


def _fact(name: str, label: str | Promise, sample: str | Promise) -> Fact:
    return Fact(name, label, sample)


FACTS = (
    _fact("title", _("Course of the session"), _("Your first online order")),
    _fact("date", _("Day of the session"), _("Tuesday, 10 March 2026")),
    _fact("time", _("Hour it begins, and whose clock"), "10:00 (Madrid)"),
    _fact("minutes", _("How many minutes it lasts"), "60"),
    _fact("place", _("Place; nothing for a webinar"), "1 Example Street"),
    _fact("directions", _("How to get there"), _("The entrance is in the yard.")),
    _fact("map", _("Link to the map"), "https://maps.example.com/"),
    _fact("trainers", _("Who gives it"), "Marta Gil"),
    _fact("position", _("Place on the waiting list"), "2"),
    _fact("until", _("Until when the offered seat is kept"), "10:00 (Madrid)"),
    _fact("reason", _("Why it was called off"), _("The trainer is ill.")),
    _fact("recording", _("Says something where there is a recording"), "1"),
)


def of(recipients: Sequence[Recipient]) -> Mapping[int, Words]:
    """Four statements, and one for each session that somebody waits for."""
    seats = about.seats_of(recipients)
    zones = _zones({each.buyer_id for each in recipients})
    places = queue.positions(seats.values())
    trainers = _trainers({seat.session_id for seat in seats.values()})
    found = {}
    for each in recipients:
        if seat := seats.get(each.delivery_id):
            session = seat.session
            zone = session.zone
            if session.kind == Session.Kind.WEBINAR:
                zone = zones.get(each.buyer_id) or zone
            words = describe(seat, zone, each.language)
            found[each.delivery_id] = {
                **words,
                "position": str(places[seat.pk]) if seat.pk in places else None,
                "trainers": trainers.get(session.pk),
            }
    return found


def describe(seat: Seat, zone: str, language: str) -> Words:
    """A webinar's hour is told by the reader's clock, a place's by the place's."""
    session = seat.session
    is_online = session.kind == Session.Kind.WEBINAR
    return {
        "title": session.course.title,
        "date": day(session.starts_at, zone, language),
        "time": hour(session.starts_at, zone, language),
        "minutes": str(session.minutes),
        "place": None if is_online else session.place or None,
        "directions": session.directions or None,
        "map": None if is_online else session.map_url or None,
        "until": _moment(seat.expires_at, zone, language) if seat.expires_at else None,
        "reason": session.cancel_reason or None,
        "recording": "1" if session.recording_url else None,
    }


def day(at: datetime, zone: str, language: str) -> str:
    """ "Tuesday, 10 March 2026", as her language writes it."""
    from babel import dates  # noqa: PLC0415 - its tables are heavy

    local = at.astimezone(schedule.zone_of(zone))
    return dates.format_date(local, "full", locale=_locale(language))


def hour(at: datetime, zone: str, language: str) -> str:
    """ "10:00 (Madrid)": the hour, and whose clock shows it."""
    from babel import dates  # noqa: PLC0415 - its tables are heavy

    local = at.astimezone(schedule.zone_of(zone))
    locale = _locale(language)
    city = dates.get_timezone_location(zone, locale=locale, return_city=True)
    return f"{dates.format_time(local, 'HH:mm', locale=locale)} ({city})"


def _moment(at: datetime, zone: str, language: str) -> str:
    return f"{day(at, zone, language)}, {hour(at, zone, language)}"


def _locale(language: str) -> str:
    return {"en": "en_GB"}.get(language, language.replace("-", "_") or "en_GB")


def _zones(buyer_ids: set[int]) -> dict[int, str]:
    rows = Buyer.objects.filter(pk__in=buyer_ids)
    zones = rows.values_list("pk", "time_zone", "account__time_zone")
    return {pk: own or company for pk, own, company in zones}


def _trainers(session_ids: set[int]) -> dict[int, str]:
    names: dict[int, list[str]] = {}
    rows = Session.trainers.through.objects.filter(session__in=session_ids)
    for session_id, name in rows.order_by("pk").values_list("session_id", "user__name"):
        names.setdefault(session_id, []).append(name)
    return {session_id: ", ".join(found) for session_id, found in names.items()}


SESSION = Facts("session", FACTS, of, _("Training session"))
