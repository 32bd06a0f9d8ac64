"""Messages without a campaign: "your seat is booked, revision 2". Planned once each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from campaigns.messages.attachments import Attachment
from campaigns.sequences import nudge
from campaigns.sequences.sending.advance import ZONE


@dataclass(frozen=True, slots=True)
class Notice:
    """``key`` names the cause, such as "training.seat:12:rev2": one message for it.

    After ``not_after`` it is not sent any more. The attachments are kept as they
    are now.
    """

    key: str
    message_version_id: int
    buyer_id: int
    due_at: datetime
    not_after: datetime | None = None
    attachments: Sequence[Attachment] = ()


_PLAN = f"""
    WITH planned AS (
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
    RETURNING id, notice
    ), attached AS (
        INSERT INTO sequences_deliveryattachment
            (delivery_id, position, name, kind, content)
        SELECT planned.id, file.position, file.name, file.kind, file.content
        FROM unnest(%(files_of)s::text[], %(positions)s::int[], %(names)s::text[],
                    %(kinds)s::text[], %(contents)s::bytea[])
            AS file (key, position, name, kind, content)
        JOIN planned ON planned.notice = file.key
    )
    SELECT count(*) FROM planned
"""  # noqa: S608 - a constant of ours


def plan(notices: Sequence[Notice]) -> int:
    """Plan those whose key is new, in one statement; how many that were.

    Call it in the transaction of what the notice is about.
    """
    if not notices:
        return 0
    # By its cause: the same notice twice in one call is one message.
    files = [
        (key, position, file)
        for key, one in {one.key: one for one in notices}.items()
        for position, file in enumerate(one.attachments)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _PLAN,
            {
                "keys": [one.key for one in notices],
                "versions": [one.message_version_id for one in notices],
                "buyers": [one.buyer_id for one in notices],
                "dues": [one.due_at for one in notices],
                "latest": [one.not_after for one in notices],
                "files_of": [key for key, _position, _file in files],
                "positions": [position for _key, position, _file in files],
                "names": [file.name for _key, _position, file in files],
                "kinds": [file.kind for _key, _position, file in files],
                "contents": [file.content for _key, _position, file in files],
            },
        )
        planned: int = cursor.fetchone()[0]
    nudge.on_commit(nudge.SEND)
    return planned


_TAKE_BACK = """
    UPDATE sequences_delivery
    SET state = 'skipped', reason = 'overtaken', settled_at = %(at)s
    WHERE notice = ANY(%(keys)s) AND state = 'planned'
"""


def take_back(keys: Sequence[str], at: datetime) -> int:
    """Do not send those that are still waiting: what they say holds no more."""
    if not keys:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, {"keys": list(keys), "at": at})
        taken_back: int = cursor.rowcount
    return taken_back
