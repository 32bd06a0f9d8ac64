"""What campaigns about training may be for."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from accounts.journal import retract
from campaigns.sequences.goals import Goal, Unit
from campaigns.sequences.models import Enrolment
from campaigns.sequences.planning import rejoin

from . import kinds
from .models import Seat, SeatChange

GOALS = (Goal("trained", _("The buyer is trained"), Unit.BUYER, kinds.TRAINED),)
_CAME = Seat.State.ATTENDED
#: So many are listed at once.
MOST = 200


def ended_by_mistake(session_id: int) -> Sequence[Enrolment]:
    """The campaigns under way that ended for people because they were noted as trained
    in this session, and were not: since put right.

    They stay ended until a person puts her back: what she was not written to about
    meanwhile may not matter any more, which nobody can know but people.
    """
    corrected = SeatChange.objects.filter(session=session_id, before=_CAME)
    corrected = corrected.exclude(after=_CAME)
    found = rejoin.ended().filter(
        campaign__goal=GOALS[0].slug,
        buyer__in=corrected.values("seat__buyer"),
    )
    rows = found.select_related("campaign", "buyer__account")
    listed = list(rows.order_by("buyer__last_name", "campaign__name", "pk")[:MOST])
    buyers = {row.buyer_id for row in listed}
    trained = retract.standing_of(kinds.TRAINED, buyers) if buyers else set()
    return [row for row in listed if row.buyer_id not in trained]
