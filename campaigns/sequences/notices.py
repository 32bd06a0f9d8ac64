"""Messages without a campaign: "your seat is booked, revision 2". Planned once each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from campaigns.sequences import nudge
from campaigns.sequences.sending.advance import ZONE


@dataclass(frozen=True, slots=True)
class Notice:
    """``key`` names the cause, such as "training.seat:12:rev2": one message for it.

    After ``not_after`` it is not sent any more.
    """

    key: str
    message_version_id: int
    buyer_id: int
    due_at: datetime
    not_after: datetime | None = None


_PLAN = f"""
    INSERT INTO sequences_delivery (uuid, occurrence, notice, message_version_id,
        account_id, buyer_id, address_hash, state, reason, detail, due_at, local_due,
        zone, not_after, claimed_by, epoch, attempts, transport, provider_id,
        settled_note)
    SELECT gen_random_uuid(), 1, notice.key, notice.message_version_id,
        buyer.account_id, buyer.id, buyer.address_hash, 'planned', '', '',
        notice.due_at,
        to_char(notice.due_at AT TIME ZONE {ZONE}, 'YYYY-MM-DD HH24:MI'),
        {ZONE}, notice.not_after, '', 0, 0, '', '', ''
    FROM unnest(%(keys)s::text[], %(versions)s::bigint[], %(buyers)s::bigint[],
                %(dues)s::timestamptz[], %(latest)s::timestamptz[])
        AS notice (key, message_version_id, buyer_id, due_at, not_after)
    JOIN customers_buyer AS buyer ON buyer.id = notice.buyer_id
    JOIN customers_account AS account ON account.id = buyer.account_id
    ORDER BY notice.key
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - a constant of ours


def plan(notices: Sequence[Notice]) -> int:
    """Plan those whose key is new, in one statement; how many that were.

    Call it in the transaction of what the notice is about.
    """
    if not notices:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _PLAN,
            {
                "keys": [one.key for one in notices],
                "versions": [one.message_version_id for one in notices],
                "buyers": [one.buyer_id for one in notices],
                "dues": [one.due_at for one in notices],
                "latest": [one.not_after for one in notices],
            },
        )
        planned: int = cursor.rowcount
    nudge.on_commit(nudge.SEND)
    return planned
