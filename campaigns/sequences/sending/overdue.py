"""What came due while this database might not send, and what a person decides of it.

Arming and the decision are one transaction: nothing overdue goes out in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import Count, Min, Q

from accounts.staff.models import User
from campaigns.sequences import arming, nudge
from campaigns.sequences.models import Enrolment, SendingAct
from campaigns.sequences.models.deliveries import DeliveryQuerySet
from campaigns.sequences.sending import advance

#: Steps that came due meanwhile are planned first, up to so many in one go.
_AT_ONCE = 20_000
#: Nothing is spread over longer.
MOST_HOURS = 72


class Choice(StrEnum):
    #: Of each buyer the newest, one after the other within some hours.
    NEWEST = "newest"
    #: None of them.
    NONE = "none"


class DecisionMissing(Exception):
    """Something is overdue, and nobody said what becomes of it."""


class StillPlanning(Exception):
    """So much came due that it is not all planned yet: to be tried again."""


@dataclass(frozen=True, slots=True)
class OfCampaign:
    """``campaign_id`` None: notices."""

    campaign_id: int | None
    name: str
    messages: int
    buyers: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Overdue:
    messages: int
    buyers: int
    #: Of the messages, those whose rule says that it is too late already.
    too_late: int
    campaigns: Sequence[OfCampaign]
    #: Steps that are due and not planned yet.
    unplanned: int


@dataclass(frozen=True, slots=True)
class Decided:
    to_send: int = 0
    not_sent: int = 0


def find(at: datetime) -> DeliveryQuerySet:
    """What would go out at once if the database were armed now."""
    return arming.overdue(at)


def summarise(at: datetime) -> Overdue:
    found = find(at)
    total = found.aggregate(
        messages=Count("id"),
        buyers=Count("buyer", distinct=True),
        too_late=Count("id", filter=Q(not_after__lt=at)),
    )
    rows = (
        found.values("campaign", "campaign__name")
        .annotate(
            messages=Count("id"),
            buyers=Count("buyer", distinct=True),
            oldest=Min("due_at"),
        )
        .order_by("-messages")
    )
    campaigns = [
        OfCampaign(
            row["campaign"],
            row["campaign__name"] or "",
            row["messages"],
            row["buyers"],
            row["oldest"],
        )
        for row in rows
    ]
    return Overdue(campaigns=campaigns, unplanned=_unplanned(at), **total)


def _unplanned(at: datetime) -> int:
    due = Enrolment.objects.filter(state=Enrolment.State.ACTIVE, due_at__lte=at)
    return due.filter(campaign__state="running").count()


def arm(
    by: User | None,
    at: datetime,
    *,
    choice: Choice | None = None,
    hours: int = 4,
    note: str = "",
) -> Decided:
    """Let this database send, after *choice* has settled what is overdue.

    Raises `DecisionMissing` where something is overdue and *choice* is None, and
    `StillPlanning`; then nothing has changed.
    """
    _plan(at)
    with transaction.atomic():
        decided = _decide(choice, by, at, min(max(hours, 1), MOST_HOURS), note)
        arming.arm(by, at)
        SendingAct.objects.create(
            act=SendingAct.Act.ARMED,
            by=by,
            at=at,
            subject=f"{choice or ''} {decided.to_send}/{decided.not_sent}".strip(),
            reason=note[:300],
        )
        nudge.on_commit(nudge.SEND)
    return decided


def disarm(by: User | None, at: datetime, note: str = "") -> None:
    """Send nothing from this database until somebody arms it anew."""
    with transaction.atomic():
        arming.disarm()
        SendingAct.objects.create(
            act=SendingAct.Act.DISARMED, by=by, at=at, reason=note[:300]
        )


def _plan(at: datetime) -> None:
    """What is due becomes deliveries, so that the decision holds for it as well."""
    planned = 0
    while done := advance.advance(at):
        planned += done
        if planned >= _AT_ONCE and _unplanned(at):
            raise StillPlanning


def _decide(
    choice: Choice | None, by: User | None, at: datetime, hours: int, note: str
) -> Decided:
    ids = list(
        find(at)
        .select_for_update(of=("self",), no_key=True)
        .order_by("id")
        .values_list("id", flat=True)
    )
    if not ids:
        return Decided()
    if choice is None:
        raise DecisionMissing
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            {
                "ids": ids,
                "at": at,
                "by": by.pk if by else None,
                "note": note[:300],
                "newest": choice is Choice.NEWEST,
                "span": str(timedelta(hours=hours)),
            },
        )
        ((to_send, not_sent),) = cursor.fetchall()
    return Decided(to_send, not_sent)


# A notice does not give way to a campaign's message, nor the other way round. Turns
# are spread evenly, in the order in which the messages were due.
_SETTLE = """
    WITH overdue AS MATERIALIZED (
        SELECT id, not_after < %(at)s AS late,
               row_number() OVER (
                   PARTITION BY buyer_id, campaign_id IS NULL,
                                coalesce(not_after < %(at)s, false)
                   ORDER BY due_at DESC, id DESC) AS age,
               due_at
        FROM sequences_delivery WHERE id = ANY(%(ids)s)
    ), judged AS MATERIALIZED (
        SELECT id, due_at, CASE
            WHEN late THEN 'too_late'
            WHEN NOT %(newest)s THEN 'overdue_not_sent'
            WHEN age > 1 THEN 'overdue_superseded'
            ELSE '' END AS reason
        FROM overdue
    ), turns AS (
        SELECT id, %(at)s::timestamptz + %(span)s::interval
                   * (row_number() OVER (ORDER BY due_at, id) - 1)
                   / count(*) OVER () AS turn
        FROM judged WHERE reason = ''
    ), skipped AS (
        UPDATE sequences_delivery AS delivery
        SET state = 'skipped', reason = judged.reason, settled_at = %(at)s,
            settled_by_id = %(by)s, settled_note = %(note)s
        FROM judged WHERE delivery.id = judged.id AND judged.reason <> ''
        RETURNING delivery.id
    ), spread AS (
        UPDATE sequences_delivery AS delivery
        SET due_at = turns.turn, reason = 'overdue_spread'
        FROM turns WHERE delivery.id = turns.id
        RETURNING delivery.id
    )
    SELECT (SELECT count(*) FROM spread), (SELECT count(*) FROM skipped)
"""
