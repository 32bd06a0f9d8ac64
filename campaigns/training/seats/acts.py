"""Who does what to a seat, when and why; and what a refusal says."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.staff.models import User
from campaigns.training.models import Seat


@dataclass(frozen=True, slots=True)
class Act:
    """The circumstances of one deed. Staff (``by``) may act outside of the booking
    window and of the limits per company, but never beyond the capacity.
    """

    at: datetime
    source: str = Seat.Source.PAGE
    by: User | None = None
    reason: str = ""

    @property
    def is_staff(self) -> bool:
        return self.by is not None


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom a seat is for: a buyer we know, or only a name, or nobody yet."""

    buyer_id: int | None = None
    name: str = ""


class Refused(Exception):
    """The deed is not possible; ``why`` is a slug, `text` says it to a person."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    @property
    def text(self) -> str:
        return str(SENTENCES[self.why])


SENTENCES: dict[str, str | Promise] = {
    "cancelled": _("This session was cancelled."),
    "not_open": _("Booking has not opened yet."),
    "closed": _("Booking for this session has closed."),
    "full": _("All seats are taken."),
    "too_many": _("That is more seats than there are."),
    "company_limit": _("The company has all the seats that one company can have."),
    "already": _("This person has a seat or a place on the waiting list already."),
    "not_for_them": _("This session is for another company."),
    "inactive": _("This buyer is not active any more."),
    "gone": _("The offer has ended, and the seat went to the next in line."),
    "no_offer": _("There is no seat to accept."),
    "too_late": _("It is too late to change this seat. Please call us."),
    "not_yours": _("This seat cannot be changed any more."),
    "taken": _("More seats than that are taken already."),
    "pool_full": _("The shared pool has too few seats left."),
    "not_attended": _("This seat cannot become that."),
    "past": _("That time has passed."),
    "not_waiting": _("This booking does not wait any more."),
    "no_such_priority": _("The priority is a number from -9 to 9."),
}
