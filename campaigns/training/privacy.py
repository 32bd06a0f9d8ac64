"""What training holds of a person: her seats, and what she said."""

from collections.abc import Sequence

from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.consent.privacy.people import Person
from accounts.consent.privacy.registry import (
    Deed,
    Holding,
    Rows,
    listen,
    register,
    tell_under_way,
)
from accounts.customers import clock

from . import links
from .models import (
    AttendanceLine,
    Booking,
    Entrance,
    Feedback,
    MaterialView,
    RecordingView,
    Seat,
    SeatChange,
)
from .seats import Act, leaving

_COMING = (
    Seat.State.HELD,
    Seat.State.BOOKED,
    Seat.State.WAITING,
    Seat.State.OFFERED,
)


def _named(person: Person) -> Rows:
    """Seats for which only her name was typed."""
    named = person.in_text("guest_name")
    return Seat.objects.filter(named, account=person.account_id, buyer=None)


def _free(rows: Rows, deed: Deed) -> int:
    """What is to come goes to whoever waits; what was, was."""
    coming = rows.exclude(buyer=None).filter(
        state__in=_COMING, session__ends_at__gt=deed.at
    )
    seats = list(coming.values_list("pk", flat=True))
    act = Act(deed.at, Seat.Source.STAFF, by=deed.by)
    return leaving.vacate(seats, act) if seats else 0


def _lines(person: Person) -> Rows:
    named = person.in_text("name", "email")
    nobodys = Q(buyer=None) & (named | Q(email__in=person.emails))
    return AttendanceLine.objects.filter(nobodys | Q(seat__buyer=person.pk))


def _close(person: Person, deed: Deed) -> None:
    """No training link opens any more; no buyer who is inactive has a visit, either."""
    Entrance.objects.get_or_create(
        buyer_id=person.pk, defaults={"generation": links.FIRST}
    )
    Entrance.objects.filter(buyer=person.pk).update(generation=F("generation") + 1)


def _under_way(person: Person) -> Sequence[str]:
    coming = Seat.objects.filter(
        buyer=person.pk, state__in=_COMING, session__ends_at__gt=clock.now()
    )
    rows = coming.select_related("session__course").order_by("session__starts_at")
    return [
        gettext("The seat at “%(course)s” on %(day)s is given up, for whoever waits.")
        % {
            "course": seat.session.course.title,
            "day": date_format(localtime(seat.session.starts_at), "DATE_FORMAT"),
        }
        for seat in rows
    ]


register(
    Holding(
        Seat,
        _("Who came and who did not stays, under a number; seats to come are freed."),
        path="buyer",
        find=_named,
        deed=_free,
        blank={"guest_name": ""},
        comes_late=True,
    ),
    Holding(
        Booking,
        _("That seats were booked together stays; by whom goes."),
        path="contact",
        blank={"contact": None},
    ),
    Holding(
        SeatChange,
        _("What became of the seat and when stays; what somebody wrote goes."),
        path="seat__buyer",
        find=lambda person: SeatChange.objects.filter(seat__in=_named(person)),
        blank={"reason": ""},
        comes_late=True,
        keeps=("before", "source", "notice"),
    ),
    Holding(
        AttendanceLine,
        _("The minutes stay; name, address and company of the list go."),
        path="buyer",
        find=_lines,
        blank={"name": "", "email": "", "company": ""},
        keeps=("before",),
    ),
    Holding(
        Entrance,
        _("By which older links are known to be closed."),
        path="buyer",
    ),
    Holding(
        Feedback,
        _("The rating stays for the average; the words go."),
        path="seat__buyer",
        find=lambda person: Feedback.objects.filter(seat__in=_named(person)),
        blank={"answer": ""},
    ),
    Holding(
        MaterialView,
        _("How often something was opened, under a number."),
        path="buyer",
    ),
    Holding(
        RecordingView,
        _("How far a recording was watched, under a number."),
        path="buyer",
    ),
)
listen("training", _close)
tell_under_way("training", _under_way)
