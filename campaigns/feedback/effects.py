"""What follows from new reports: each effect may follow twice, and in any order.

Only a report that fits a delivery has any. Opening and clicking have none: they are
hints.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.consent import choices, suppression
from accounts.consent.models import Suppression
from accounts.customers.models import Buyer
from campaigns.sequences.brakes import thresholds
from campaigns.sequences.sending import feedback
from campaigns.sequences.sending.feedback import Heard

from .matching import Told
from .news import Kind

#: Why somebody left a campaign, by what we heard of her.
REASONS: Mapping[str, str | Promise] = {
    "replied": _("Replied to a message"),
    "complained": _("Complained about a message"),
}

#: What proves that the receiving server, or only the provider, took the message.
_HEARD = {
    Kind.DELIVERED: Heard.DELIVERED,
    # Whoever opens it, clicks, complains or answers has got it.
    Kind.COMPLAINED: Heard.DELIVERED,
    Kind.REPLIED: Heard.DELIVERED,
    Kind.ANSWERED: Heard.DELIVERED,
    Kind.HARD: Heard.BOUNCED,
    Kind.SOFT: Heard.BOUNCED,
}

_BRAKING = {
    Kind.HARD: thresholds.Kind.BOUNCED,
    Kind.COMPLAINED: thresholds.Kind.COMPLAINED,
}

_OFTEN = """
    SELECT address_hash FROM feedback_report
    WHERE kind = 'soft' AND delivery_id IS NOT NULL
      AND address_hash = ANY(%(hashes)s) AND occurred_at > %(since)s
    GROUP BY address_hash
    HAVING count(DISTINCT delivery_id) >= %(most)s
"""
_REPORTED = """
    SELECT DISTINCT delivery.uuid, buyer.email, report.kind, report.occurred_at
    FROM sequences_delivery AS delivery
    JOIN feedback_report AS report ON report.delivery_id = delivery.id
    JOIN customers_buyer AS buyer
      ON buyer.id = delivery.buyer_id AND buyer.address_hash = delivery.address_hash
    WHERE delivery.is_unknown
"""
# Each message counts once against its campaign, however often it is told of.
_FIRST = """
    SELECT told.delivery_id, told.kind
    FROM unnest(%(deliveries)s::bigint[], %(kinds)s::text[]) AS told (delivery_id, kind)
    WHERE NOT EXISTS (
        SELECT FROM feedback_report AS earlier
        WHERE earlier.delivery_id = told.delivery_id AND earlier.kind = told.kind
          AND earlier.key <> ALL(%(keys)s::bytea[]))
    GROUP BY told.delivery_id, told.kind
"""
_LEAVE = """
    UPDATE sequences_enrolment AS enrolment
    SET state = 'exited', exit_reason = %(reason)s, due_at = NULL
    FROM (SELECT id FROM sequences_enrolment
          WHERE state = 'active' AND {whose} = ANY(%(ids)s)
          ORDER BY id FOR NO KEY UPDATE) AS ready
    WHERE enrolment.id = ready.id AND enrolment.state = 'active'
"""

Effect = Callable[[Sequence[Told], datetime], None]


def follow(told: Sequence[Told], at: datetime) -> None:
    """All that follows from these new reports, within the caller's transaction."""
    fitting = [one for one in told if one.delivery is not None]
    if not fitting:
        return
    _settle(fitting, at)
    _brake([one for one in fitting if one.news.kind in _BRAKING], at)
    for kind, effect in _EFFECTS.items():
        if of_kind := [one for one in fitting if one.news.kind is kind]:
            effect(of_kind, at)


def settle_late(at: datetime) -> int:
    """Settle what became unknown after its report had come: a sender that died.

    How many were reported of and unknown; the index by campaign and state finds them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_REPORTED)
        rows = cursor.fetchall()
    reports = [
        feedback.Report(uuid, email, _HEARD.get(kind, Heard.ACCEPTED), when)
        for uuid, email, kind, when in rows
    ]
    return feedback.take_in(reports, at)


def _settle(told: Sequence[Told], at: datetime) -> None:
    """Whatever is heard of a message proves that the provider has it."""
    feedback.take_in(
        [
            feedback.Report(
                UUID(one.delivery.uuid),
                one.news.recipient,
                _HEARD.get(one.news.kind, Heard.ACCEPTED),
                one.news.at,
            )
            for one in told
            if one.delivery is not None
        ],
        at,
    )


def _brake(told: Sequence[Told], at: datetime) -> None:
    """A campaign with too many bounces or complaints is paused."""
    if not told:
        return
    values: dict[str, Any] = {
        "deliveries": [one.delivery.id for one in told if one.delivery],
        "kinds": [str(one.news.kind) for one in told],
        "keys": [one.key for one in told],
    }
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, values)
        first = cursor.fetchall()
    thresholds.note([(pk, _BRAKING[Kind(kind)]) for pk, kind in first], at)


def _give_up(told: Sequence[Told], at: datetime) -> None:
    """An address that does not exist gets nothing more, not even confirmations."""
    _suppress({one.address_hash for one in told}, choices.BOUNCED, at)


def _count(told: Sequence[Told], at: datetime) -> None:
    """Too many messages that bounced within the time in which they count."""
    hashes = [one.address_hash for one in told]
    since = at - timedelta(days=settings.SOFT_BOUNCE_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            _OFTEN,
            {"hashes": hashes, "since": since, "most": settings.SOFT_BOUNCES},
        )
        often = {bytes(row[0]) for row in cursor.fetchall()}
    _suppress(often, choices.BOUNCED_OFTEN, at)


def _suppress(
    hashes: set[bytes | None] | set[bytes], source: str, at: datetime
) -> None:
    suppression.suppress_many(
        [one for one in hashes if one is not None],
        Suppression.Scope.ALL,
        reason=Suppression.Reason.BOUNCED,
        source=source,
        at=at,
    )


def _complain(told: Sequence[Told], at: datetime) -> None:
    """A complaint is an objection, and one that no click takes back."""
    _object(told, choices.COMPLAINT, Suppression.Reason.COMPLAINED)
    _leave(
        "buyer_id",
        [one.delivery.buyer_id for one in told if one.delivery],
        "complained",
    )


def _unsubscribe(told: Sequence[Told], at: datetime) -> None:
    """By the provider's own link or button, which we put into no message."""
    _object(told, choices.BY_PROVIDER, Suppression.Reason.UNSUBSCRIBED)


def _object(told: Sequence[Told], source: str, reason: str) -> None:
    buyers = Buyer.objects.in_bulk(
        {one.delivery.buyer_id for one in told if one.delivery}
    )
    for one in told:
        buyer = buyers.get(one.delivery.buyer_id) if one.delivery else None
        if buyer is not None and one.delivery is not None:
            choices.object_to_marketing(
                buyer,
                source,
                one.provider,
                one.news.at,
                delivery_uuid=UUID(one.delivery.uuid),
                reason=reason,
            )


def _stop(told: Sequence[Told], at: datetime) -> None:
    """Who answers is talked to by a person from here on."""
    ids = [one.delivery.enrolment_id for one in told if one.delivery]
    _leave("id", [pk for pk in ids if pk is not None], "replied")


def _leave(whose: str, ids: Sequence[int], reason: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE.format(whose=whose), {"ids": list(ids), "reason": reason})


_EFFECTS: Mapping[Kind, Effect] = {
    Kind.HARD: _give_up,
    Kind.SOFT: _count,
    Kind.COMPLAINED: _complain,
    Kind.UNSUBSCRIBED: _unsubscribe,
    Kind.REPLIED: _stop,
}
