"""The moments of buyers' own that steps wait for, as far as they are known today."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import connection

from campaigns.sequences import touchpoints
from campaigns.sequences.models import Step
from campaigns.sequences.touchpoints import Anchor

#: Anchor → its moment, None while it is not known.
Moments = Mapping[str, datetime | None]
Rows = Mapping[tuple[int, str], datetime | None]


def moments(
    steps: Sequence[Step], buyers: Collection[int], at: datetime
) -> Mapping[int, Moments]:
    """Buyer id → the moments of the one thing of hers that comes first.

    As the sender will choose it: the first, of the anchor met first, that lies ahead.
    One statement for each anchor; a buyer who has nothing ahead is not in it.
    """
    slugs = _slugs(steps)
    if not slugs:
        return {}
    known = touchpoints.anchors()
    rows = {slug: _read(known[slug], buyers, at) for slug in slugs}
    return {
        buyer: {slug: found.get((buyer, subject)) for slug, found in rows.items()}
        for buyer, subject in _chosen(rows[slugs[0]], at).items()
    }


def subjects(
    steps: Sequence[Step], buyers: Collection[int], at: datetime
) -> Mapping[int, str]:
    """Buyer id → that one thing of hers, such as a seat. One statement at most."""
    return {
        buyer: subject
        for slug in _slugs(steps)[:1]
        for buyer, subject in _chosen(
            _read(touchpoints.anchors()[slug], buyers, at), at
        ).items()
    }


def _slugs(steps: Sequence[Step]) -> list[str]:
    """The anchors that *steps* wait for, in the order in which they are met."""
    known = touchpoints.anchors()
    met = dict.fromkeys(step.anchor for step in steps)
    return [slug for slug in met if slug in known]


def _chosen(rows: Rows, at: datetime) -> Mapping[int, str]:
    ahead = [
        (moment, subject, buyer)
        for (buyer, subject), moment in rows.items()
        if moment is not None and moment > at
    ]
    return {buyer: subject for _moment, subject, buyer in sorted(ahead, reverse=True)}


def _read(anchor: Anchor, buyers: Collection[int], at: datetime) -> Rows:
    sql = f"""
        SELECT buyer_id, subject, moment
        FROM ({anchor.moments}) AS own (buyer_id, subject, moment)
        WHERE buyer_id = ANY(%(buyers)s)
    """  # noqa: S608 - a touchpoint's own, never input
    with connection.cursor() as cursor:
        cursor.execute(sql, {"buyers": list(buyers), "at": at})
        return {(buyer, subject): moment for buyer, subject, moment in cursor}


def entrants(slug: str, at: datetime) -> Collection[int] | None:
    """Whom this entry would bring in now; None where the audience comes at once."""
    entry = touchpoints.entries().get(slug)
    if entry is None:
        return None
    sql = f"""
        SELECT DISTINCT buyer_id
        FROM ({entry.subjects}) AS own (buyer_id, account_id, subject, since)
    """  # noqa: S608 - likewise
    with connection.cursor() as cursor:
        cursor.execute(sql, {"at": at})
        return [buyer for (buyer,) in cursor]
