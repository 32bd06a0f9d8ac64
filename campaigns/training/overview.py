"""Sessions with their numbers, and one session with everybody in it; for staff."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .models import Seat, SeatChange, Session

S = Seat.State


def _count(*states: str) -> Count:
    return Count("seats", filter=Q(seats__state__in=states))


def numbered(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """With how many booked, wait, are offered a seat, came and stayed away."""
    return sessions.annotate(
        booked=_count(S.BOOKED),
        waiting=_count(S.WAITING),
        offered=_count(S.OFFERED, S.HELD),
        attended=_count(S.ATTENDED),
        absent=_count(S.NO_SHOW),
    )


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    sessions: Sequence[Session]


@dataclass(frozen=True, slots=True)
class Week:
    """Monday's date, and the days on which something is."""

    monday: date
    days: list[Day] = field(default_factory=list)


def weeks(sessions: QuerySet[Session]) -> list[Week]:
    """The sessions of a stretch of time under their days and weeks. One statement."""
    found: list[Week] = []
    for session in numbered(sessions).order_by("day", "starts_at", "pk"):
        monday = session.day - timedelta(days=session.day.weekday())
        if not found or found[-1].monday != monday:
            found.append(Week(monday))
        days = found[-1].days
        if not days or days[-1].day != session.day:
            days.append(Day(session.day, []))
        days[-1].sessions.append(session)  # type: ignore[attr-defined]
    return found


@dataclass(frozen=True, slots=True)
class Group:
    """Seats of one kind under a heading; shown in the order of `GROUPS`."""

    slug: str
    label: str | Promise
    seats: Sequence[Seat]


GROUPS: Sequence[tuple[str, str | Promise, Sequence[str]]] = (
    ("offered", _("Offered, to be answered"), (S.OFFERED, S.HELD)),
    ("booked", pgettext_lazy("of people", "Booked"), (S.BOOKED,)),
    ("attended", pgettext_lazy("of people", "Attended"), (S.ATTENDED,)),
    ("absent", pgettext_lazy("of people", "Did not turn up"), (S.NO_SHOW,)),
    ("waiting", _("On the waiting list"), (S.WAITING,)),
    ("gone", _("Given up or expired"), (S.CANCELLED, S.EXPIRED)),
)


def people(session: Session) -> list[Group]:
    """Everybody who ever asked for a seat, by what became of it. One statement."""
    rows = session.seats.select_related(
        "buyer", "account", "booking", "feedback"
    ).order_by("-booking__priority", "booking_id", "pk")
    found = list(rows)
    grouped = (
        Group(slug, label, [seat for seat in found if seat.state in states])
        for slug, label, states in GROUPS
    )
    return [group for group in grouped if group.seats]


def history(session: Session, most: int = 100) -> QuerySet[SeatChange]:
    """The newest lines of what happened to its seats."""
    return (
        SeatChange.objects.filter(session=session)
        .select_related("seat__buyer", "seat__account", "by")
        .order_by("-pk")[:most]
    )


def between(sessions: QuerySet[Session], first: date, last: date) -> QuerySet[Session]:
    return sessions.filter(day__gte=first, day__lte=last)


def state_of(session: Session, at: datetime) -> str:
    """ "cancelled", "past", "running", "full" or "open"."""
    if session.is_cancelled:
        return "cancelled"
    if session.ends_at <= at:
        return "past"
    if session.starts_at <= at:
        return "running"
    return "full" if session.free < 1 else "open"
