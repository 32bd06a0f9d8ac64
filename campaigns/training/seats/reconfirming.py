"""Her answer to "are you still coming?"."""

from campaigns.training.models import Seat

from .acts import Act, Refused
from .leaving import cancel


def reconfirm(seat: Seat, act: Act, *, coming: bool) -> None:
    """Note that she comes, or free her seat for who waits. May be said twice."""
    if not coming:
        cancel(seat, act)
        return
    booked = Seat.objects.filter(pk=seat.pk, state=Seat.State.BOOKED)
    if not booked.exists():
        raise Refused("not_yours")
    booked.filter(reconfirmed_at=None).update(reconfirmed_at=act.at)
