"""How likely a machine opened or clicked, and nobody read anything.

Mail gateways follow links before the message is read: many at once, soon after it
came, and a company's gateway treats all its people alike. None of that is certain,
so a likelihood is kept, and both figures are shown. Only what no person sees gives a
machine away for certain, and with it all that it did within the same seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import connection

from . import gateways
from .matching import Told
from .news import Kind
from .visitors import TRAPPED

TRACKED = frozenset({Kind.OPENED, Kind.CLICKED})

#: So many links of one message within so long: nobody reads as fast.
SWEEP, SWEEP_SECONDS = 3, 10

# (this soon after the message was sent, so likely): bursts of gateways begin after 20
# to 60 seconds in two cases of three, people's clicks hardly ever.
_SOON = ((timedelta(seconds=10), 0.8), (timedelta(minutes=2), 0.4))
_LATER = 0.05

_KNOWN = """
    SELECT delivery.id, delivery.sent_at, coalesce(profile.swept, 0),
           coalesce(profile.clicked, 0), coalesce(profile.sent, 0),
           coalesce(profile.followed, 0), coalesce(profile.people, 0)
    FROM sequences_delivery AS delivery
    JOIN consent_permission AS permission
      ON permission.buyer_id = delivery.buyer_id AND permission.topic = 'tracking'
     AND permission.allowed
    JOIN customers_buyer AS buyer ON buyer.id = delivery.buyer_id
    LEFT JOIN feedback_gateway AS profile
      ON profile.domain = split_part(buyer.email_key, '@', 2)
    WHERE delivery.id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Judged:
    told: Told
    link: bytes | None = None
    machine: int | None = None

    @property
    def key(self) -> bytes:
        return self.told.key


@dataclass(frozen=True, slots=True)
class _Known:
    """Of one delivery whose buyer agreed to be tracked."""

    sent_at: datetime | None
    swept: int
    clicked: int
    sent: int
    followed: int
    people: int

    @property
    def habit(self) -> float:
        """How the domain's messages are treated; unsure while they are few."""
        swept = self.swept / (self.clicked + 4)
        return max(swept, gateways.eagerness(self.sent, self.followed, self.people))


def judge(told: Sequence[Told]) -> list[Judged]:
    """All of *told* but what its buyer did not agree to have noted."""
    known = _known([one for one in told if one.news.kind in TRACKED])
    judged = []
    for one in told:
        if one.news.kind not in TRACKED:
            judged.append(Judged(one))
        elif one.delivery is not None and one.delivery.id in known:
            judged.append(_judge(one, known[one.delivery.id]))
    return judged


def likelihood(at: datetime, known: _Known) -> int:
    """In per cent, from what a single report shows."""
    haste = _LATER
    if known.sent_at is not None:
        waited = at - known.sent_at
        haste = next((odds for limit, odds in _SOON if waited <= limit), _LATER)
    return round(100 * (1 - (1 - haste) * (1 - known.habit)))


def digest(link: str) -> bytes:
    return sha256(link.encode(errors="replace")).digest()[:8]


def _judge(told: Told, known: _Known) -> Judged:
    link = digest(told.news.link) if told.news.link else None
    likely = likelihood(told.news.at, known)
    return Judged(told, link, max(likely, told.news.machine))


def _known(told: Sequence[Told]) -> dict[int, _Known]:
    ids = {one.delivery.id for one in told if one.delivery}
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [list(ids)])
        return {pk: _Known(*rest) for pk, *rest in cursor.fetchall()}


def deliveries_of(told: Sequence[Told]) -> set[int]:
    """Those whose openings or clicks are among *told*."""
    noted = [one for one in told if one.news.kind in TRACKED]
    return {one.delivery.id for one in noted if one.delivery}


_SWEPT = """
    UPDATE feedback_report AS report SET machine = 95
    FROM (
        SELECT DISTINCT near.id
        FROM feedback_report AS one
        JOIN feedback_report AS near
          ON near.delivery_id = one.delivery_id AND near.kind IN ('clicked', 'opened')
         AND near.occurred_at BETWEEN one.occurred_at - %(span)s::interval
                                  AND one.occurred_at + %(span)s::interval
        WHERE one.delivery_id = ANY(%(ids)s) AND one.kind = 'clicked'
          AND (one.machine = %(trapped)s
               OR (SELECT count(DISTINCT other.link) FROM feedback_report AS other
                   WHERE other.delivery_id = one.delivery_id
                     AND other.kind = 'clicked'
                     AND other.occurred_at BETWEEN one.occurred_at
                         AND one.occurred_at + %(span)s::interval) >= %(least)s)
    ) AS swept
    WHERE report.id = swept.id AND report.machine < 95
"""


def find_sweeps(new: Sequence[Told]) -> None:
    """Many links of one message within seconds, or the one that no person sees: what
    happened to the message around that was a machine's doing."""
    deliveries = deliveries_of(new)
    if not deliveries:
        return
    values: dict[str, Any] = {
        "ids": list(deliveries),
        "span": f"{SWEEP_SECONDS} seconds",
        "least": SWEEP,
        "trapped": TRAPPED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SWEPT, values)
