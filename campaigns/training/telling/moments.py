"""When a notice goes out, and when it would be too late."""

from dataclasses import dataclass
from datetime import datetime

from accounts.customers.models import Buyer
from campaigns.training.models import Seat, SeatChange
from campaigns.training.seats import windows

#: Whoever just pressed a button is awake, and waits for the answer.
_AWAKE = frozenset({Seat.Source.PAGE, Seat.Source.MAIL})


@dataclass(frozen=True, slots=True)
class Moment:
    due_at: datetime
    not_after: datetime


def of(change: SeatChange, reader: Buyer, at: datetime) -> Moment:
    """At once for her own deed; else in her morning, unless that were too late."""
    session = change.seat.session
    latest = change.seat.expires_at or max(session.ends_at, at)
    if change.source in _AWAKE:
        return Moment(at, latest)
    zone = reader.time_zone or reader.account.time_zone
    return Moment(windows.quiet(at, zone, latest=session.starts_at), latest)
