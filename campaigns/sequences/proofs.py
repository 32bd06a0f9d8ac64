"""What must always be true of enrolments and deliveries, for ``manage.py audit``."""

from collections.abc import Callable
from datetime import datetime

from accounts.journal.invariants import Broken, count, register
from campaigns.sequences.sending.claim import LEASE


def _never(query: str) -> Callable[[datetime], Broken]:
    return lambda at: count(query, {"at": at, "lease": LEASE})


register(
    "I1",
    "No message was handed over twice.",
    _never(
        """
        SELECT 'delivery ' || delivery_id FROM sequences_attempt
        WHERE outcome = 'accepted' GROUP BY delivery_id HAVING count(*) > 1
        """
    ),
)
register(
    "I1",
    "No buyer has two messages of one step, and no mailbox either.",
    _never(
        """
        SELECT 'step ' || step_id || ', enrolment ' || enrolment_id
        FROM sequences_delivery WHERE enrolment_id IS NOT NULL
        GROUP BY enrolment_id, step_id, occurrence HAVING count(*) > 1
        UNION ALL
        SELECT 'step ' || step_id || ', deliveries ' || min(id) || ' and ' || max(id)
        FROM sequences_delivery
        WHERE state <> 'skipped' AND step_id IS NOT NULL AND address_hash IS NOT NULL
        GROUP BY step_id, occurrence, address_hash HAVING count(*) > 1
        """
    ),
)
register(
    "I2",
    "Every step that somebody has passed left a delivery, and none appeared besides.",
    _never(
        """
        SELECT 'enrolment ' || enrolment.id
        FROM sequences_enrolment AS enrolment
        LEFT JOIN (
            SELECT enrolment_id, count(*) AS deliveries FROM sequences_delivery
            WHERE enrolment_id IS NOT NULL GROUP BY enrolment_id
        ) AS had ON had.enrolment_id = enrolment.id
        WHERE enrolment.position <> coalesce(had.deliveries, 0)
        UNION ALL
        SELECT 'delivery ' || delivery.id
        FROM sequences_delivery AS delivery
        LEFT JOIN sequences_enrolment AS enrolment
            ON enrolment.id = delivery.enrolment_id
        WHERE delivery.enrolment_id IS NOT NULL AND enrolment.id IS NULL
        """
    ),
)
register(
    "I2",
    "Whoever has done all steps has had each of them.",
    _never(
        """
        SELECT 'enrolment ' || enrolment.id
        FROM sequences_enrolment AS enrolment
        JOIN (SELECT version_id, count(*) AS steps FROM sequences_step
              GROUP BY version_id) AS version USING (version_id)
        WHERE enrolment.state = 'finished' AND enrolment.position <> version.steps
        """
    ),
)
register(
    "I2",
    "Every message of an unknown fate has a try that was not clearly answered.",
    _never(
        """
        SELECT 'delivery ' || delivery.id FROM sequences_delivery AS delivery
        WHERE delivery.state = 'unknown' AND NOT EXISTS (
            SELECT FROM sequences_attempt AS attempt
            WHERE attempt.delivery_id = delivery.id
              AND attempt.outcome IN ('started', 'ambiguous'))
        """
    ),
)
register(
    "I2",
    "Nothing of a campaign that was stopped and cleared is open.",
    _never(
        """
        SELECT 'campaign ' || campaign.id FROM sequences_campaign AS campaign
        WHERE campaign.cleared_at IS NOT NULL AND (
            EXISTS (SELECT FROM sequences_delivery AS delivery
                WHERE delivery.campaign_id = campaign.id
                  AND delivery.state IN ('planned', 'claimed', 'sending'))
            OR EXISTS (SELECT FROM sequences_enrolment AS enrolment
                WHERE enrolment.campaign_id = campaign.id
                  AND enrolment.state = 'active'))
        """
    ),
)
register(
    "I3",
    "Every message that was sent has a try that began before it.",
    _never(
        """
        SELECT 'delivery ' || delivery.id FROM sequences_delivery AS delivery
        WHERE delivery.state = 'sent' AND NOT EXISTS (
            SELECT FROM sequences_attempt AS attempt
            WHERE attempt.delivery_id = delivery.id
              AND attempt.started_at <= delivery.sent_at)
        """
    ),
)
register(
    "I11",
    "The queue holds what is planned, when it is due, and nothing else.",
    _never(
        """
        SELECT 'delivery ' || coalesce(delivery.id, queued.delivery_id)
        FROM (SELECT id, campaign_id, due_at FROM sequences_delivery
              WHERE state = 'planned') AS delivery
        FULL JOIN sequences_queued AS queued ON queued.delivery_id = delivery.id
        WHERE delivery.id IS NULL OR queued.delivery_id IS NULL
           OR queued.campaign_id IS DISTINCT FROM delivery.campaign_id
           OR queued.due_at <> delivery.due_at
        """
    ),
)
register(
    "I11",
    "What is in a sender's hands stands in his batch, by which it would be found.",
    _never(
        """
        SELECT 'delivery ' || delivery.id FROM sequences_delivery AS delivery
        WHERE state IN ('claimed', 'sending') AND NOT EXISTS (
            SELECT FROM sequences_batch AS batch
            WHERE batch.worker = delivery.claimed_by
              AND delivery.id = ANY(batch.deliveries))
        """
    ),
)
register(
    "I11",
    "Nothing is in a sender's hands for longer than three leases.",
    _never(
        """
        SELECT 'delivery ' || id FROM sequences_delivery
        WHERE state IN ('claimed', 'sending')
          AND lease_until < %(at)s - 2 * %(lease)s::interval
        """
    ),
)
