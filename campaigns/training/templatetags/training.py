"""Times and fill bars of sessions, for people to read."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format, number_format
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from campaigns.training import checkin, clocks, overview, qr
from campaigns.training.models import Seat, Session
from campaigns.training.results.breakdown import By, Line

register = template.Library()


@register.filter
def day_of(session: Session, zone: str = "") -> str:
    """ "Tuesday 27 October 2026", in *zone* or the session's own."""
    return date_format(_local(session.starts_at, zone or session.zone), _long_day())


@register.filter
def short_day(session: Session) -> str:
    local = _local(session.starts_at, session.zone)
    return date_format(local, pgettext("date format", "D j M"))


@register.filter
def leaf_day(session: Session) -> str:
    return str(_local(session.starts_at, session.zone).day)


@register.filter
def leaf_month(session: Session) -> str:
    local = _local(session.starts_at, session.zone)
    return date_format(local, pgettext("date format", "M"))


@register.filter
def door_code(seat: Seat) -> SafeString:
    """What she shows at the door: it opens on the trainer's phone, and on no other."""
    return qr.svg(checkin.address(seat), gettext("Code for the door"))


@register.filter
def hours_of(session: Session, zone: str = "") -> str:
    """ "10:00–11:00 (Madrid time)"."""
    place = zone or session.zone
    begin, end = _local(session.starts_at, place), _local(session.ends_at, place)
    return f"{begin:%H:%M}–{end:%H:%M} ({clocks.whose(begin, place)})"


@register.filter
def begins(session: Session) -> str:
    """The hour alone, where the zone stands beside it."""
    return f"{_local(session.starts_at, session.zone):%H:%M}"


@register.filter
def elsewhere(session: Session, zone: str) -> bool:
    """Whether a clock in *zone* shows another hour than the session's."""
    if not zone:
        return False
    here = _local(session.starts_at, session.zone)
    return here.utcoffset() != _local(session.starts_at, zone).utcoffset()


@register.filter
def moment(instant: datetime | None, zone: str) -> str:
    """ "Tue 27 Oct 2026 10:00 (Madrid time)"."""
    if instant is None:
        return "–"
    local = _local(instant, zone)
    said = date_format(local, pgettext("date format", "D j M Y H:i"))
    return f"{said} ({clocks.whose(local, zone)})"


@register.filter
def percent_of(part: int, whole: int) -> int:
    return min(round(100 * part / whole), 100) if whole else 0


def _local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone))


def _long_day() -> str:
    return pgettext("date format", "l j F Y")


@register.filter
def at_key(mapping: Mapping[int, object], key: int) -> object:
    return mapping.get(key, "")


@register.filter
def seat_state(slug: str) -> str:
    """What a state is called; "" for none."""
    return str(Seat.State(slug).label) if slug else ""


@register.simple_tag
def session_state(session: Session, at: datetime) -> str:
    return overview.state_of(session, at)


@register.filter
def session_code(session: Session) -> SafeString:
    """For whoever takes attendance with a phone."""
    return qr.svg(checkin.of_session(session), gettext("Code for the list at the door"))


@register.filter
def as_percent(share: float | None) -> str:
    """0.4167 → "41.7 %", in the reader's notation."""
    return "–" if share is None else f"{number_format(100 * share, 1)} %"


@register.filter
def as_points(share: float | None) -> str:
    """A difference of shares with its sign: "+12.5"."""
    if share is None:
        return "–"
    sign = "+" if share > 0 else "−" if share < 0 else ""
    return f"{sign}{number_format(abs(100 * share), 1)}"


@register.simple_tag
def asking(asked: Mapping[str, str], line: Line, by: By) -> dict[str, str]:
    """The report of this line alone, as `query_of` takes it."""
    return {**asked, by.value: str(line.key)}


@register.simple_tag
def query_of(asked: Mapping[str, str], **more: str | int) -> str:
    """What was asked for, with *more*, as the query string of an address."""
    return f"?{urlencode({**asked, **more})}"
