"""What campaigns about training may be for."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from campaigns.sequences.goals import Goal, Unit
from campaigns.sequences.models import Campaign, Enrolment

from . import kinds

GOALS = (Goal("trained", _("The buyer is trained"), Unit.BUYER, kinds.TRAINED),)
_UNDER_WAY = (Campaign.State.RUNNING, Campaign.State.PAUSED)


def ended_for(buyer_id: int | None) -> Sequence[str]:
    """The campaigns under way that ended for her because she was trained.

    Where that turns out to be a mistake they stay ended: what her next message would
    be, and when, nobody can say weeks later. A person is told, and decides.
    """
    left = Enrolment.objects.filter(
        buyer=buyer_id,
        state=Enrolment.State.EXITED,
        exit_reason="goal_reached",
        campaign__goal=GOALS[0].slug,
        campaign__state__in=_UNDER_WAY,
    )
    names = left.order_by("campaign__name").values_list("campaign__name", flat=True)
    return list(names) if buyer_id else []
