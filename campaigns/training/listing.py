"""Lists and small sums about one session or course, for pages and files."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, Sum
from django.utils.timezone import get_current_timezone_name, localtime
from django.utils.translation import gettext as _

from .models import Course, Material, Seat, Session

Row = Sequence[Any]


def people(session: Session) -> Iterator[Row]:
    """Everybody who ever asked for a seat, as rows of a file; the first names them."""
    zone = {"zone": get_current_timezone_name()}
    yield (
        _("Customer number"),
        _("Account"),
        _("First name"),
        _("Last name"),
        _("E-mail address"),
        _("Phone"),
        _("State"),
        _("Booked (%(zone)s)") % zone,
        _("Still coming (%(zone)s)") % zone,
        _("Followed the join link (%(zone)s)") % zone,
        _("Checked in (%(zone)s)") % zone,
        _("Minutes"),
        _("Rating"),
    )
    rows = session.seats.select_related("buyer", "account", "feedback")
    for seat in rows.order_by("account__number_key", "pk"):
        yield _row(seat)


def _row(seat: Seat) -> Row:
    buyer, said = seat.buyer, getattr(seat, "feedback", None)
    return (
        seat.account.number,
        seat.account.name,
        buyer.first_name if buyer else seat.guest_name,
        buyer.last_name if buyer else "",
        buyer.email if buyer else "",
        buyer.phone if buyer else "",
        str(seat.get_state_display()),
        *(
            localtime(each).strftime("%Y-%m-%d %H:%M") if each else ""
            for each in (
                seat.booked_at,
                seat.reconfirmed_at,
                seat.joined_at,
                seat.checked_in_at,
            )
        ),
        seat.attended_minutes if seat.attended_minutes is not None else "",
        said.rating if said else "",
    )


def materials(course: Course) -> list[Material]:
    """With how many buyers opened any version, and how often altogether."""
    return list(
        course.materials.annotate(
            viewers=Count("versions__views__buyer", distinct=True),
            opened=Sum("versions__views__count"),
        ).prefetch_related("versions")
    )
