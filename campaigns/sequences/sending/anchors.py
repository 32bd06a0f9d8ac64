"""Steps that wait for a moment of a buyer's own, such as the start of her session.

What touchpoints know of such moments is followed every few seconds: whoever has one
becomes due by it, a moment that moves takes the due time along, and what was given up
or called off is let go. Set-based, and nothing is done twice.
"""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from campaigns.sequences import subqueries, touchpoints
from campaigns.sequences.audiences import audience, conditions
from campaigns.sequences.models import Campaign, Step
from campaigns.sequences.planning import drafts, lifecycle
from campaigns.sequences.touchpoints import Anchor, Entry

_RUNNING = Campaign.State.RUNNING


def follow(at: datetime) -> int:
    """Take in who has come, and set due times by their moments; how many changed."""
    return _take_in_all(at) + _place_all(at)


def _take_in_all(at: datetime) -> int:
    entries = touchpoints.entries()
    running = Campaign.objects.filter(state=_RUNNING, entry__in=entries)
    return sum(_take_in(one, entries[one.entry], at) for one in running)


def _place_all(at: datetime) -> int:
    anchors = touchpoints.anchors()
    steps = Step.objects.filter(anchor__in=anchors, version__campaign__state=_RUNNING)
    slugs = set(steps.values_list("anchor", flat=True))
    return sum(_place(anchors[slug], at) for slug in sorted(slugs))


# A buyer may have several subjects at once: each is a lap of its own.
_TAKE_IN = """
    WITH known (buyer_id, account_id, subject, since) AS MATERIALIZED ({subjects}),
    fresh AS MATERIALIZED (
        SELECT known.*, row_number() OVER (PARTITION BY buyer_id ORDER BY since) AS n
        FROM known WHERE NOT EXISTS (
            SELECT FROM sequences_enrolment AS enrolment
            WHERE enrolment.campaign_id = %(campaign)s
              AND enrolment.buyer_id = known.buyer_id
              AND enrolment.subject = known.subject)
    )
    INSERT INTO sequences_enrolment (campaign_id, version_id, account_id, buyer_id,
        state, exit_reason, position, due_at, enrolled_at, subject, lap)
    SELECT %(campaign)s, %(version)s, account_id, buyer_id, 'active', '', 0,
           CASE WHEN NOT %(parked)s THEN %(at)s::timestamptz END, %(at)s, subject,
           n + (SELECT count(*) FROM sequences_enrolment AS before
                WHERE before.campaign_id = %(campaign)s
                  AND before.buyer_id = fresh.buyer_id)
    FROM fresh WHERE buyer_id IN ({people})
    ORDER BY buyer_id, n
    ON CONFLICT DO NOTHING
"""


def _take_in(campaign: Campaign, entry: Entry, at: datetime) -> int:
    """Enrol, once for each subject, who belongs to the campaign's audience."""
    version = drafts.version_of(campaign)
    try:
        people = audience.buyers(campaign.audience, at).order_by().values("pk")
    except conditions.BadRule:
        lifecycle.pause_by_itself(campaign.pk, "bad_condition", at=at)
        return 0
    sql, values = subqueries.embed(people, "people_")
    about = {
        "campaign": campaign.pk,
        "version": version.pk,
        "parked": bool(version.steps.all()[0].anchor),
        "at": at,
    }
    statement = _TAKE_IN.format(subjects=entry.subjects, people=sql)
    return _run(statement, {**values, **about})


# Steps are counted by their place in the order, as enrolments count them. Who came
# with the audience has no subject until the first of her moments that lies ahead.
_PLACE = """
    WITH moment (buyer_id, subject, moment) AS MATERIALIZED ({moments}),
    step AS MATERIALIZED (
        SELECT version_id, anchor, anchor_minutes, row_number() OVER (
            PARTITION BY version_id ORDER BY position, id) - 1 AS place
        FROM sequences_step WHERE version_id IN (
            SELECT version_id FROM sequences_step WHERE anchor = %(slug)s)
    ), waiting AS MATERIALIZED (
        SELECT enrolment.id, enrolment.buyer_id, enrolment.campaign_id,
               enrolment.subject, enrolment.due_at, campaign.entry,
               make_interval(mins => step.anchor_minutes) AS wait
        FROM step
        JOIN sequences_campaign AS campaign ON campaign.state = 'running'
        JOIN sequences_enrolment AS enrolment ON enrolment.campaign_id = campaign.id
            AND enrolment.version_id = step.version_id
            AND enrolment.position = step.place AND enrolment.state = 'active'
        WHERE step.anchor = %(slug)s
    ), found AS (
        SELECT DISTINCT ON (waiting.id) waiting.id, moment.subject,
               moment.moment + waiting.wait AS due_at
        FROM waiting JOIN moment ON moment.buyer_id = waiting.buyer_id
        WHERE waiting.subject = moment.subject
           OR waiting.subject = '' AND moment.moment > %(at)s AND NOT EXISTS (
               SELECT FROM sequences_enrolment AS other
               WHERE other.campaign_id = waiting.campaign_id
                 AND other.buyer_id = waiting.buyer_id
                 AND other.subject = moment.subject)
        ORDER BY waiting.id, moment.moment
    ), told AS MATERIALIZED (
        SELECT waiting.id, found.due_at, coalesce(found.subject,
                   CASE WHEN waiting.entry <> '' THEN waiting.subject ELSE '' END)
                   AS subject,
               found.id IS NULL AND waiting.entry <> '' AS is_over
        FROM waiting LEFT JOIN found USING (id)
        WHERE found.due_at IS DISTINCT FROM waiting.due_at
           OR found.subject <> waiting.subject
           OR found.id IS NULL AND waiting.subject <> ''
        ORDER BY waiting.id
    )
    UPDATE sequences_enrolment AS enrolment
    SET due_at = told.due_at, subject = told.subject,
        state = CASE WHEN is_over THEN 'exited' ELSE 'active' END,
        exit_reason = CASE WHEN is_over THEN 'subject_over' ELSE '' END
    FROM told WHERE enrolment.id = told.id AND enrolment.state = 'active'
"""


def _place(anchor: Anchor, at: datetime) -> int:
    statement = _PLACE.format(moments=anchor.moments)
    return _run(statement, {"slug": anchor.slug, "at": at})


def _run(statement: str, values: dict[str, Any]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        changed: int = cursor.rowcount
    return changed
