"""What the gateways of recipients' companies do with links, learnt from reports."""

from datetime import datetime, timedelta

from django.db import connection, transaction

#: Gateways are replaced and set up anew: what they did long ago says little.
MEMORY = timedelta(days=90)

_LEARN = """
    INSERT INTO feedback_gateway (domain, clicked, swept)
    SELECT split_part(buyer.email_key, '@', 2), count(DISTINCT report.delivery_id),
           count(DISTINCT report.delivery_id) FILTER (WHERE report.machine >= 95)
    FROM feedback_report AS report
    JOIN sequences_delivery AS delivery ON delivery.id = report.delivery_id
    JOIN customers_buyer AS buyer ON buyer.id = delivery.buyer_id
    WHERE report.kind = 'clicked' AND report.occurred_at > %s
      AND buyer.email_key <> ''
    GROUP BY 1
"""


def learn(at: datetime) -> int:
    """Count anew; how many domains are known."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM feedback_gateway")
        cursor.execute(_LEARN, [at - MEMORY])
        return int(cursor.rowcount)
