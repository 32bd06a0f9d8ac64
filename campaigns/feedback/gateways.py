"""What the gateways of recipients' companies do with links, learnt from reports.

Two habits that no sweep over one message shows: a gateway that follows a single link,
as slowly as a person, does so in nearly every message, whoever gets it; and one that
empties its queue does so for several colleagues within seconds.

Colleagues do that, too: "open the mail, all of you", says the trainer. So their seconds
alone prove nothing. Nor would the visitor's address, if we noted it: whoever sits in
one office has the same.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from . import summing
from .summing import LINE

#: Gateways are replaced and set up anew: what they did long ago says little.
MEMORY = timedelta(days=90)
#: Of so few people's messages nothing is concluded: one may like us very much.
PEOPLE = 4
#: Clicks on messages of so many people of one company and domain within so long may be
#: a machine's, and then so likely. They are, if it followed two links a person or more;
COLLEAGUES, WITHIN, TOGETHER = 3, timedelta(seconds=10), 80
LINKS_EACH = 2
#: or if no fingers are so fast;
AT_ONCE = timedelta(seconds=2)
#: or if the mail had only just come, when gateways look (two of three within a minute);
FRESH = timedelta(minutes=5)
#: or if they were so many: more than press a link in one breath.
CROWD = 6
#: How far back each hour's look for those goes; reports may come late.
LOOK_BACK = timedelta(days=1)

_LEARN = """
    INSERT INTO feedback_gateway (domain, clicked, swept, sent, followed, people)
    SELECT domain, told.clicked, told.swept, coalesce(measured.sent, 0),
           coalesce(measured.followed, 0), coalesce(measured.people, 0)
    FROM (
        SELECT split_part(buyer.email_key, '@', 2) AS domain,
               count(DISTINCT report.delivery_id) AS clicked,
               count(DISTINCT report.delivery_id) FILTER (WHERE report.machine >= 95)
                   AS swept
        FROM feedback_report AS report
        JOIN sequences_delivery AS delivery ON delivery.id = report.delivery_id
        JOIN customers_buyer AS buyer ON buyer.id = delivery.buyer_id
        WHERE report.kind = 'clicked' AND report.occurred_at > %(since)s
          AND buyer.email_key <> ''
        GROUP BY 1
    ) AS told
    LEFT JOIN (
        SELECT split_part(buyer.email_key, '@', 2) AS domain, count(*) AS sent,
               count(measured.clicked) AS followed,
               count(DISTINCT buyer.id) FILTER (WHERE measured.clicked IS NOT NULL)
                   AS people
        FROM sequences_measureddelivery AS measured
        JOIN sequences_delivery AS delivery ON delivery.id = measured.delivery_id
        JOIN customers_buyer AS buyer ON buyer.id = delivery.buyer_id
        WHERE delivery.state = 'sent' AND delivery.sent_at > %(since)s
        GROUP BY 1
    ) AS measured USING (domain)
"""
# What such a gateway did before it was known counts, too. Likelihoods only rise.
_EAGER = """
    UPDATE feedback_report AS report SET machine = eager.likely
    FROM (
        SELECT domain, round(100 * (2.0 * followed / (sent + 4) - 1))::int AS likely
        FROM feedback_gateway WHERE people >= %(people)s
    ) AS eager
    JOIN customers_buyer AS buyer ON split_part(buyer.email_key, '@', 2) = eager.domain
    JOIN sequences_delivery AS delivery ON delivery.buyer_id = buyer.id
    WHERE report.delivery_id = delivery.id AND report.kind IN ('opened', 'clicked')
      AND report.occurred_at > %(since)s AND eager.likely >= %(line)s
      AND report.machine < eager.likely
    RETURNING report.delivery_id
"""
_TOGETHER = """
    WITH click AS MATERIALIZED (
        SELECT report.id, report.delivery_id, report.link, report.occurred_at,
               buyer.id AS buyer_id, buyer.account_id,
               split_part(buyer.email_key, '@', 2) AS domain,
               report.occurred_at <= delivery.sent_at + %(fresh)s AS is_fresh
        FROM feedback_report AS report
        JOIN sequences_delivery AS delivery ON delivery.id = report.delivery_id
        JOIN customers_buyer AS buyer ON buyer.id = delivery.buyer_id
        WHERE report.kind = 'clicked' AND report.occurred_at > %(since)s
          AND buyer.email_key <> ''
    ), seen AS (
        SELECT one.id, account_id, domain, one.occurred_at AS began,
               count(DISTINCT other.buyer_id) AS people,
               count(DISTINCT (other.delivery_id, other.link)) AS links,
               count(DISTINCT other.buyer_id) FILTER (WHERE other.is_fresh) AS early,
               count(DISTINCT other.buyer_id) FILTER (
                   WHERE other.occurred_at <= one.occurred_at + %(at_once)s) AS at_once
        FROM click AS one
        JOIN click AS other USING (account_id, domain)
        WHERE other.occurred_at BETWEEN one.occurred_at AND one.occurred_at + %(span)s
        GROUP BY one.id, account_id, domain, one.occurred_at
    ), swept AS (
        SELECT account_id, domain, began, began + CASE
                   WHEN people >= %(crowd)s OR early >= %(least)s
                       OR links >= people * %(links_each)s THEN %(span)s
                   ELSE %(at_once)s END AS ended
        FROM seen
        WHERE people >= %(least)s
          AND (people >= %(crowd)s OR early >= %(least)s OR at_once >= %(least)s
               OR links >= people * %(links_each)s)
    )
    UPDATE feedback_report AS report SET machine = %(likely)s
    FROM (
        SELECT DISTINCT click.id
        FROM swept JOIN click USING (account_id, domain)
        WHERE click.occurred_at BETWEEN swept.began AND swept.ended
    ) AS together
    WHERE report.id = together.id AND report.machine < %(likely)s
    RETURNING report.delivery_id
"""


def eagerness(sent: int, followed: int, people: int) -> float:
    """How surely nobody reads there: nearly all of what people get is followed."""
    return max(0.0, 2 * followed / (sent + 4) - 1) if people >= PEOPLE else 0.0


def learn(at: datetime) -> int:
    """Count anew; how many domains are known. Of those whose habits give a machine
    away, what was noted before is judged again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM feedback_gateway")
        cursor.execute(_LEARN, {"since": at - MEMORY})
        known = int(cursor.rowcount)
        together: dict[str, Any] = {
            "since": at - LOOK_BACK,
            "span": WITHIN,
            "least": COLLEAGUES,
            "likely": TOGETHER,
            "links_each": LINKS_EACH,
            "at_once": AT_ONCE,
            "fresh": FRESH,
            "crowd": CROWD,
        }
        eager: dict[str, Any] = {"since": at - MEMORY, "people": PEOPLE, "line": LINE}
        changed = set[int]()
        for statement, values in ((_TOGETHER, together), (_EAGER, eager)):
            cursor.execute(statement, values)
            changed |= {row[0] for row in cursor.fetchall()}
        summing.sum_up(changed)
    return known
