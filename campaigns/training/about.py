"""Which seat a message is about, for many deliveries in two statements."""

from collections.abc import Mapping, Sequence

from campaigns.sequences.touchpoints import Recipient

from .models import Seat, SeatChange

#: "training.booked:12": the message, and the line of history that it tells.
PREFIX = "training."
SEAT = "seat:"
_WITH = ("session__course", "booking")


def key(notice: str, change_id: int) -> str:
    return f"{PREFIX}{notice}:{change_id}"


def seats_of(recipients: Sequence[Recipient]) -> Mapping[int, Seat]:
    """Delivery id → the seat it is about: the notice's, the enrolment's, else hers
    that comes next, else her last one.
    """
    told = _of_notices([each.notice for each in recipients])
    subjects = _of_subjects([each.subject for each in recipients])
    found = {
        each.delivery_id: seat
        for each in recipients
        if (seat := told.get(each.notice) or subjects.get(each.subject))
    }
    others = [each for each in recipients if each.delivery_id not in found]
    hers = _nearest({each.buyer_id for each in others})
    for each in others:
        if seat := hers.get(each.buyer_id):
            found[each.delivery_id] = seat
    return found


def _of_notices(notices: Sequence[str]) -> dict[str, Seat]:
    ids = {
        int(notice.rpartition(":")[2]): notice
        for notice in notices
        if notice.startswith(PREFIX)
    }
    if not ids:
        return {}
    related = [f"seat__{name}" for name in _WITH]
    rows = SeatChange.objects.filter(pk__in=ids).select_related(*related)
    return {ids[change.pk]: change.seat for change in rows}


def _of_subjects(subjects: Sequence[str]) -> dict[str, Seat]:
    uuids = {one.removeprefix(SEAT) for one in subjects if one.startswith(SEAT)}
    if not uuids:
        return {}
    rows = Seat.objects.filter(uuid__in=uuids).select_related(*_WITH)
    return {f"{SEAT}{seat.uuid}": seat for seat in rows}


def _nearest(buyer_ids: set[int]) -> dict[int, Seat]:
    if not buyer_ids:
        return {}
    hers = Seat.objects.live().filter(buyer__in=buyer_ids).select_related(*_WITH)
    ordered = hers.extra(
        select={"past": "training_session.ends_at < clock_timestamp()"},
    ).order_by("buyer", "past", "session__starts_at")
    found: dict[int, Seat] = {}
    for seat in ordered:
        if seat.buyer_id is not None:
            found.setdefault(seat.buyer_id, seat)
    return found
