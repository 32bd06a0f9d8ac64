"""Many unsubscriptions of one company at once: often a gateway that presses buttons.

Nobody is brought back by it: a person looks, and asks the company.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

#: So many people of one domain, so close to each other; told of for some days.
LEAST, AROUND = 5, "30 minutes"
SHOWN = timedelta(days=7)

_WAVES = """
    SELECT domain, count(*), max(occurred_at) FROM (
        SELECT domain, occurred_at, count(*) OVER (
                   PARTITION BY domain ORDER BY occurred_at
                   RANGE BETWEEN %(around)s::interval PRECEDING
                             AND %(around)s::interval FOLLOWING) >= %(least)s AS crowded
        FROM (
            SELECT DISTINCT ON (choice.buyer_id)
                   split_part(buyer.email_key, '@', 2) AS domain, choice.occurred_at
            FROM consent_choice AS choice
            JOIN customers_buyer AS buyer ON buyer.id = choice.buyer_id
            WHERE choice.state = 'objected' AND choice.topic = 'marketing'
              AND choice.source IN ('unsubscribe_page', 'one_click')
              AND choice.recorded_at > %(since)s AND buyer.email_key <> ''
            ORDER BY choice.buyer_id, choice.occurred_at
        ) AS left_by
    ) AS seen WHERE crowded
    GROUP BY domain ORDER BY max(occurred_at) DESC LIMIT 5
"""


@dataclass(frozen=True, slots=True)
class Wave:
    """``people`` of ``domain`` unsubscribed, with too little time between them."""

    domain: str
    people: int
    last: datetime


def find(at: datetime) -> list[Wave]:
    """The latest waves, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            _WAVES,
            {"least": LEAST, "around": AROUND, "since": at - SHOWN},
        )
        return [Wave(*row) for row in cursor.fetchall()]
