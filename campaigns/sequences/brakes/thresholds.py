"""Bounces, complaints and failures: a campaign is warned, then paused, by itself.

For those who learn of bounces and complaints (webhooks, a DSN mailbox) the door is
`note`: one call for a batch of facts, each fact once.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from django.db import connection

from campaigns.sequences.brakes.rates import Level, Threshold
from campaigns.sequences.models import SendingRules
from campaigns.sequences.planning import lifecycle

log = structlog.get_logger(__name__)

#: What is longer ago, or before a person resumed the campaign, does not count.
WINDOW = timedelta(days=7)


class Kind(StrEnum):
    #: The address does not exist: a permanent bounce. Do not note passing ones.
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Counted:
    """One campaign within the window."""

    campaign_id: int
    state: str
    sent: int
    failed: int
    bounced: int
    complained: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A threshold that is passed: ``reason`` is of `reasons`, ``rate`` in percent."""

    campaign_id: int
    reason: str
    level: Level
    bad: int
    of: int
    rate: float


_NOTE = """
    WITH told AS (
        SELECT delivery.campaign_id, delivery.transport,
               count(*) FILTER (WHERE said.kind = 'bounced') AS bounced,
               count(*) FILTER (WHERE said.kind = 'complained') AS complained
        FROM unnest(%(ids)s::bigint[], %(kinds)s::text[]) AS said (id, kind)
        JOIN sequences_delivery AS delivery ON delivery.id = said.id
        GROUP BY delivery.campaign_id, delivery.transport
    ), added AS (
        INSERT INTO sequences_tally (minute, provider, campaign_id, sent, failed,
                                     unknown, later, bounced, complained)
        SELECT date_trunc('minute', %(at)s::timestamptz), transport,
               coalesce(campaign_id, 0), 0, 0, 0, 0, bounced, complained
        FROM told ORDER BY 3
        ON CONFLICT (campaign_id, minute, provider) DO UPDATE
        SET bounced = sequences_tally.bounced + excluded.bounced,
            complained = sequences_tally.complained + excluded.complained
    )
    SELECT DISTINCT campaign_id FROM told WHERE campaign_id IS NOT NULL
"""

_COUNT = """
    SELECT campaign.id, campaign.state,
           coalesce(sum(tally.sent), 0),
           coalesce(sum(tally.failed + tally.unknown), 0),
           coalesce(sum(tally.bounced), 0), coalesce(sum(tally.complained), 0)
    FROM sequences_campaign AS campaign
    JOIN sequences_tally AS tally ON tally.campaign_id = campaign.id
    WHERE campaign.id = ANY(%(campaigns)s)
      AND tally.minute > %(since)s
      AND tally.minute > coalesce(date_trunc('minute', (
          SELECT max(act.at) FROM sequences_campaignact AS act
          WHERE act.campaign_id = campaign.id AND act.act = 'resumed')), '-infinity')
    GROUP BY campaign.id ORDER BY campaign.id
"""


def note(facts: Iterable[tuple[int, Kind]], at: datetime) -> list[int]:
    """Count bounces and complaints, and pause the campaigns that have too many.

    *facts* are (delivery id, kind); whoever calls gives each fact once. Two
    statements and those of the pauses, however many the facts; usable within an
    outer transaction. Returns the campaigns paused.
    """
    said = list(facts)
    if not said:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                "ids": [pk for pk, _kind in said],
                "kinds": [str(kind) for _pk, kind in said],
                "at": at,
            },
        )
        campaigns = {row[0] for row in cursor.fetchall()}
    return enforce(campaigns, at)


def enforce(campaigns: Collection[int], at: datetime) -> list[int]:
    """Pause those of *campaigns* that run and have passed a threshold."""
    paused = []
    for finding in judge(set(campaigns) - {0}, at):
        if finding.level is not Level.STOP:
            continue
        if lifecycle.pause_by_itself(finding.campaign_id, finding.reason, at=at):
            paused.append(finding.campaign_id)
            log.error(
                "campaign_paused_by_threshold",
                campaign=finding.campaign_id,
                reason=finding.reason,
                bad=finding.bad,
                of=finding.of,
            )
    return paused


def judge(campaigns: Collection[int], at: datetime) -> list[Finding]:
    """What is passed by whom; the worst of each campaign first."""
    if not campaigns:
        return []
    tests = _tests()
    found = [
        Finding(one.campaign_id, reason, level, bad, of, float(test.rate(bad, of)))
        for one in count(campaigns, at)
        for reason, test in tests.items()
        for bad, of in [_of(one, reason)]
        if (level := test.judge(bad, of)) is not Level.CALM
    ]
    return sorted(found, key=lambda one: (one.campaign_id, -one.level))


def count(campaigns: Collection[int], at: datetime) -> list[Counted]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"campaigns": list(campaigns), "since": at - WINDOW})
        return [Counted(*row) for row in cursor.fetchall()]


def rules() -> SendingRules:
    """The one row, or what it would be."""
    return SendingRules.objects.first() or SendingRules()


def _tests() -> dict[str, Threshold]:
    found = rules()
    return {
        "too_many_complaints": Threshold(
            found.complaint_warn, found.complaint_stop, 1_000
        ),
        "too_many_bounces": Threshold(found.bounce_warn, found.bounce_stop, 100),
        "too_many_failures": Threshold(found.failure_warn, found.failure_stop, 100),
    }


def _of(one: Counted, reason: str) -> tuple[int, int]:
    match reason:
        case "too_many_complaints":
            return one.complained, one.sent
        case "too_many_bounces":
            return one.bounced, one.sent
    return one.failed, one.sent + one.failed
