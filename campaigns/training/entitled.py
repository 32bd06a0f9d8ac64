"""What a buyer may open, watch and speak about, by the seats she has or had."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.db.models import OuterRef, Q, Subquery

from accounts.customers.models import Buyer

from .models import Course, Material, MaterialVersion, Seat, Session

#: What a browser plays by itself, telling how far she came.
PLAYABLE = (".mp4", ".webm", ".ogv", ".m4v")


def may_open(buyer: Buyer, course: Course) -> bool:
    """Materials are for who has, or had, a place; not for who only waits."""
    placed = (*Seat.TAKING, Seat.State.ATTENDED)
    hers = Seat.objects.filter(_of(buyer), session__course=course, state__in=placed)
    return hers.exists()


def materials(buyer: Buyer, course: Course) -> Sequence[Material]:
    """Those on offer to her that hold something."""
    if not may_open(buyer, course):
        return []
    newest = MaterialVersion.objects.filter(material=OuterRef("pk"))
    return list(
        course.materials.filter(active=True)
        .annotate(newest=Subquery(newest.order_by("-number").values("pk")[:1]))
        .exclude(newest=None)
    )


def may_watch(buyer: Buyer, session: Session) -> bool:
    """Who asked for a seat, whatever became of it: so every viewer has a name."""
    if not session.recording_url:
        return False
    return Seat.objects.filter(_of(buyer), session=session).exists()


def is_playable(session: Session) -> bool:
    """Whether our page can play it; else its link is followed."""
    return urlsplit(session.recording_url).path.lower().endswith(PLAYABLE)


def may_speak(buyer: Buyer, seat: Seat) -> bool:
    """Who was there; for a colleague she cannot speak."""
    return seat.state == Seat.State.ATTENDED and (
        seat.buyer_id == buyer.pk or seat.buyer_id is None
    )


def _of(buyer: Buyer) -> Q:
    return Q(buyer=buyer) | Q(booking__contact=buyer)
