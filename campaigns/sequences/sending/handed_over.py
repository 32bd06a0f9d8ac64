"""Tells the links in messages that were handed over: an invitation is then given.

In the transaction that settles them, so that nobody counts as invited whose mail is
not recorded as sent, nor the other way round.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from campaigns.messages import compose
from campaigns.sequences import touchpoints
from campaigns.sequences.touchpoints import Link, Recipient

#: Gets the ids of the deliveries just sent.
Tell = Callable[[Sequence[int], datetime], None]


@dataclass(frozen=True, slots=True)
class Carried:
    """Which deliveries carry which of the links that want to hear of it."""

    links: Sequence[tuple[Link, Mapping[int, Recipient]]]

    def tell(self, sent: Sequence[int], at: datetime) -> None:
        for link, recipients in self.links:
            told = [recipients[pk] for pk in sent if pk in recipients]
            if told and link.sent is not None:
                link.sent(told, at)

    def __bool__(self) -> bool:
        return bool(self.links)


def gather(recipients: Sequence[tuple[Recipient, frozenset[str]]]) -> Carried:
    """From each delivery's facts and the names of the links in its message."""
    wanted = [link for link in touchpoints.links() if link.sent is not None]
    carried = [
        (link, {to.delivery_id: to for to, names in recipients if link.name in names})
        for link in wanted
    ]
    return Carried([(link, found) for link, found in carried if found])


_RECIPIENTS = """
    SELECT delivery.message_version_id,
           delivery.id, delivery.uuid, delivery.buyer_id, buyer.uuid,
           delivery.account_id, delivery.campaign_id,
           coalesce(nullif(buyer.language, ''), account.language)
    FROM sequences_delivery AS delivery
    JOIN customers_buyer AS buyer ON buyer.id = delivery.buyer_id
    JOIN customers_account AS account ON account.id = delivery.account_id
    WHERE delivery.id = ANY(%(ids)s)
"""


def tell(sent: Sequence[int], at: datetime) -> None:
    """For who settles without having composed: looks up what the messages carry."""
    if not sent or not any(link.sent for link in touchpoints.links()):
        return
    with connection.cursor() as cursor:
        cursor.execute(_RECIPIENTS, {"ids": list(sent)})
        rows = [(row[0], Recipient(*row[1:])) for row in cursor.fetchall()]
    gather([(to, _links(version, to.language)) for version, to in rows]).tell(sent, at)


def _links(version_id: int, language: str) -> frozenset[str]:
    return compose.compiled(version_id, language).links
