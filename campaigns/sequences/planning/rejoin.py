"""Puts people back into a campaign that ended for them by a mistake.

They go on where they stood. What was held back then stays so: a message is planned
once. What was due meanwhile is due at the next sending hour.
"""

from collections.abc import Collection
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from accounts.customers.models import Buyer
from accounts.staff.models import User
from campaigns.sequences import nudge, schedule, turns
from campaigns.sequences.models import Campaign, Enrolment, Step
from campaigns.sequences.planning import standstill
from campaigns.sequences.schedule import Place

REACHED = "goal_reached"
UNDER_WAY = (Campaign.State.RUNNING, Campaign.State.PAUSED)
_State = Enrolment.State


def ended() -> QuerySet[Enrolment]:
    """Whose campaign is under way, and over for them because its goal was reached."""
    return Enrolment.objects.filter(
        state=_State.EXITED,
        exit_reason=REACHED,
        campaign__state__in=UNDER_WAY,
        buyer__active=True,
        buyer__erased_at=None,
    )


def put_back(ids: Collection[int], by: User, at: datetime) -> list[Enrolment]:
    """Those of them that were put back just now: twice is once."""
    with transaction.atomic():
        standstill.respect()
        rows = ended().filter(pk__in=list(ids)).order_by("pk")
        held = rows.select_for_update(no_key=True, of=("self",))
        found = list(held.select_related("campaign", "buyer__account"))
        for row in found:
            _go_on(row, at)
            _note(row, by)
        if found:
            nudge.on_commit(nudge.SEND)
    return found


def _go_on(row: Enrolment, at: datetime) -> None:
    steps = list(Step.objects.filter(version=row.version_id))
    over = row.position >= len(steps)
    row.state, row.exit_reason = _State.FINISHED if over else _State.ACTIVE, ""
    row.due_at = None if over else _due(row, steps[row.position], at)
    row.save(update_fields=["state", "exit_reason", "due_at"])


def _due(row: Enrolment, step: Step, at: datetime) -> datetime | None:
    """As if nothing had been; not before now. A moment of her own has its own clock
    (`sending.anchors`)."""
    if step.anchor:
        return None
    rule, place = turns.rule_of(step), _place(row.buyer)
    before = row.deliveries.aggregate(at=Max("due_at"))["at"]
    if before is not None:
        planned = schedule.next_due(rule, place, after=before)
    else:
        begins = max(row.enrolled_at, row.campaign.starts_at or row.enrolled_at)
        planned = schedule.first_due(rule, place, at=begins)
    return planned if planned > at else schedule.next_opening(rule, place, after=at)


def _place(buyer: Buyer) -> Place:
    account = buyer.account
    return Place(buyer.time_zone or account.time_zone, account.country)


def _note(row: Enrolment, by: User) -> None:
    """In the buyer's own history, where her erasure finds it."""
    said = _("Put back into the campaign “%(campaign)s”.") % {"campaign": row.campaign}
    buyers = Buyer.objects.filter(pk=row.buyer_id)
    LogEntry.objects.log_actions(by.pk, buyers, CHANGE, change_message=said)
