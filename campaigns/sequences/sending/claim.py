"""Takes what is due out of the queue for one worker, with all that it needs to know.

A claim is a short statement of its own, and one whose lease runs out goes back to
*planned*, because it never came near the wire.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from campaigns.messages import context
from campaigns.messages.context import Context
from campaigns.sequences.schedule import Place, Rule
from campaigns.sequences.sending.advance import ZONE
from campaigns.sequences.sending.plans import Plans
from campaigns.sequences.touchpoints import Recipient

#: Longer than a chunk can take: a second of work and two waits for the server.
LEASE = timedelta(seconds=120)


class Claimed(NamedTuple):
    """A delivery in our hands: a tuple, because there are so many of them.

    ``rule`` is that of its step, None for a notice and for a step that waits for a
    moment of the buyer's own; ``only_if`` the step's conditions as JSON.
    """

    id: int
    uuid: UUID
    campaign_id: int | None
    campaign_name: str
    enrolment_id: int | None
    version_id: int
    account_id: int
    buyer_id: int
    buyer_uuid: UUID
    email: str
    language: str
    place: Place
    rule: Rule | None
    step_id: int | None
    only_if: str
    attempts: int
    notice: str
    subject: str
    #: Whether its campaign counts openings and clicks, of who agreed to it.
    measures: bool
    #: What its message is filled with, as far as it is about the buyer.
    facts: Context

    @property
    def recipient(self) -> Recipient:
        return Recipient(
            delivery_id=self.id,
            delivery_uuid=self.uuid,
            buyer_id=self.buyer_id,
            buyer_uuid=self.buyer_uuid,
            account_id=self.account_id,
            campaign_id=self.campaign_id,
            language=self.language,
            notice=self.notice,
            subject=self.subject,
        )


#: Of a `Batch`, as "batch": nothing of it is in its worker's hands any more.
IS_OVER = """
    NOT EXISTS (
        SELECT FROM sequences_delivery AS delivery
        WHERE delivery.id = ANY(batch.deliveries)
          AND delivery.claimed_by = batch.worker
          AND delivery.state IN ('claimed', 'sending'))
"""

# Who changes a delivery locks it before its place in the queue, here it is the other
# way round: therefore nothing here waits for a lock. `sequences_due` locks the places.
_TAKE = f"""
    WITH free AS MATERIALIZED (
        SELECT id FROM sequences_delivery
        -- An array, for a join would read the whole table rather than the index.
        WHERE id = ANY(ARRAY(SELECT sequences_due(%(at)s, %(limit)s)))
          AND state = 'planned'
        FOR NO KEY UPDATE SKIP LOCKED
    ), taken AS (
        DELETE FROM sequences_queued
        WHERE delivery_id = ANY(ARRAY(SELECT id FROM free))
    ), batch AS (
        INSERT INTO sequences_batch AS batch (worker, deliveries, lease_until)
        SELECT %(worker)s, array_agg(id), %(lease)s FROM free HAVING count(*) > 0
        ON CONFLICT (worker)
        DO UPDATE SET lease_until = excluded.lease_until,
            deliveries = CASE WHEN {IS_OVER} THEN excluded.deliveries
                              ELSE batch.deliveries || excluded.deliveries END
    )
    UPDATE sequences_delivery
    SET state = 'claimed', claimed_by = %(worker)s, lease_until = %(lease)s
    WHERE id = ANY(ARRAY(SELECT id FROM free))
    RETURNING id
"""  # noqa: S608 - constants of ours
# Apart, because to plan this takes PostgreSQL longer than to find nothing.
_DESCRIBE = f"""
    SELECT claimed.id, claimed.uuid, claimed.campaign_id,
           coalesce(campaign.name, ''), claimed.enrolment_id,
           claimed.message_version_id, claimed.account_id, claimed.buyer_id,
           buyer.uuid, buyer.email, coalesce(nullif(buyer.language, ''),
               account.language), {ZONE}, account.country,
           CASE WHEN step.anchor = '' THEN step.send_at END, step.working_days,
           claimed.step_id, coalesce(step.only_if::text, ''), claimed.attempts,
           claimed.notice, coalesce(enrolment.subject, ''),
           coalesce(campaign.measures, false), {context.COLUMNS}
    FROM sequences_delivery AS claimed
    JOIN customers_buyer AS buyer ON buyer.id = claimed.buyer_id
    JOIN customers_account AS account ON account.id = claimed.account_id
    {context.NEIGHBOURS}
    LEFT JOIN sequences_campaign AS campaign ON campaign.id = claimed.campaign_id
    LEFT JOIN sequences_step AS step ON step.id = claimed.step_id
    LEFT JOIN sequences_enrolment AS enrolment ON enrolment.id = claimed.enrolment_id
    WHERE claimed.id = ANY(%(ids)s)
    ORDER BY claimed.due_at, claimed.id
"""  # noqa: S608 - constants of ours


def claim(
    at: datetime, *, worker: str, limit: int, plans: Plans | None = None
) -> list[Claimed]:
    """Claim up to *limit* due deliveries for *worker*."""
    ids = take(at, worker=worker, limit=limit)
    if not ids:
        return []
    # Planned for any ids: for these ones PostgreSQL would read whole tables, as long
    # as they are not much larger than the batch.
    rows = (plans or Plans()).fetch(_DESCRIBE, {"ids": ids}, {"ids": "bigint[]"})
    return [_describe(*row) for row in rows]


def take(at: datetime, *, worker: str, limit: int) -> list[int]:
    """Out of the queue: the ids of what is *claimed* now."""
    asked: dict[str, Any] = {
        "at": at,
        "worker": worker,
        "limit": limit,
        "lease": at + LEASE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, asked)
        return [row[0] for row in cursor.fetchall()]


def _describe(
    pk: int,
    uuid: UUID,
    campaign_id: int | None,
    campaign_name: str,
    enrolment_id: int | None,
    version_id: int,
    account_id: int,
    buyer_id: int,
    buyer_uuid: UUID,
    email: str,
    language: str,
    zone: str,
    country: str,
    send_at: time | None,
    working_days: bool | None,
    step_id: int | None,
    only_if: str,
    attempts: int,
    notice: str,
    subject: str,
    measures: bool,
    *facts: Any,
) -> Claimed:
    rule = None if send_at is None else Rule(0, send_at, bool(working_days))
    return Claimed(
        pk,
        uuid,
        campaign_id,
        campaign_name,
        enrolment_id,
        version_id,
        account_id,
        buyer_id,
        buyer_uuid,
        email,
        language,
        Place(zone, country),
        rule,
        step_id,
        only_if,
        attempts,
        notice,
        subject,
        measures,
        context.describe(*facts),
    )


_GIVE_BACK = """
    UPDATE sequences_delivery AS delivery
    SET state = 'planned', claimed_by = '', lease_until = NULL,
        due_at = coalesce(back.due_at, delivery.due_at)
    FROM unnest(%(ids)s::bigint[], %(dues)s::timestamptz[]) AS back (id, due_at)
    WHERE delivery.id = back.id AND delivery.state = 'claimed'
      AND delivery.claimed_by = %(worker)s
"""


def give_back(
    ids: Sequence[int], *, worker: str, dues: Sequence[datetime] | None = None
) -> None:
    """Put claimed deliveries back into the queue, at other times where *dues* says."""
    if not ids:
        return
    times: list[datetime | None] = list(dues) if dues else [None] * len(ids)
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, {"ids": list(ids), "worker": worker, "dues": times})
