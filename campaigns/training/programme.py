"""What a buyer finds on her training pages: dates she can choose, seats she has."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.customers.models import Buyer

from .models import Course, Seat, Session
from .models.seats import Seats

#: So long after its end a session stays among hers, for materials and her word.
REMEMBERED = timedelta(days=90)
WAITING = Count("seats", filter=Q(seats__state=Seat.State.WAITING))


def dates(buyer: Buyer, at: datetime) -> QuerySet[Session]:
    """Sessions whose booking is open, or will be; without those where she has a seat.

    ``waiting`` is how many stand in the queue.
    """
    return (
        _for(buyer, at)
        .exclude(Exists(hers(buyer).live().filter(session=OuterRef("pk"))))
        .order_by("starts_at", "pk")
    )


def alternatives(seat: Seat, buyer: Buyer, at: datetime) -> list[Session]:
    """Other open dates of the same course with a free seat."""
    return [
        session
        for session in dates(buyer, at).filter(course=seat.session.course_id)
        if session.is_bookable(at) and session.free > 0
    ]


def _for(buyer: Buyer, at: datetime) -> QuerySet[Session]:
    """Those given elsewhere at a customer are nobody else's."""
    elsewhere = Q(kind=Session.Kind.AT_CUSTOMER) & ~Q(account=buyer.account_id)
    return (
        Session.objects.upcoming(at)
        .filter(course__active=True)
        .exclude(elsewhere)
        .select_related("course", "pool")
        .annotate(waiting=WAITING)
    )


def find(buyer: Buyer, uuid: UUID) -> Session | None:
    """A session she may look at: also past and cancelled ones."""
    elsewhere = Q(kind=Session.Kind.AT_CUSTOMER) & ~Q(account=buyer.account_id)
    return (
        Session.objects.exclude(elsewhere)
        .filter(uuid=uuid)
        .select_related("course", "pool")
        .annotate(waiting=WAITING)
        .first()
    )


def hers(buyer: Buyer) -> Seats:
    """Her own seats, and those she booked for colleagues."""
    return Seat.objects.filter(Q(buyer=buyer) | Q(booking__contact=buyer))


def seats(buyer: Buyer, at: datetime) -> Sequence[Seat]:
    """What is coming and what was lately, one seat per booking and session.

    Her own stands for her colleagues' of the same booking.
    """
    found = (
        hers(buyer)
        .live()
        .filter(session__ends_at__gt=at - REMEMBERED)
        .select_related("session__course", "session__pool", "booking")
        .order_by("session__starts_at", "booking_id", "pk")
    )
    shown: dict[tuple[int, int], Seat] = {}
    for seat in found:
        key = (seat.booking_id, seat.session_id)
        if key not in shown or seat.buyer_id == buyer.pk:
            shown[key] = seat
    return list(shown.values())


def courses(sessions: Sequence[Session]) -> list[tuple[Course, list[Session]]]:
    """Sessions under their courses, in the order of the first date."""
    grouped: dict[Course, list[Session]] = {}
    for session in sessions:
        grouped.setdefault(session.course, []).append(session)
    return list(grouped.items())
