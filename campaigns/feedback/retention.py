"""How long what providers told us, and what we measured, is kept."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from .models import Post

#: Posts that were read are empty; these rows only tell how much came when.
KEPT = timedelta(days=90)


def forget(at: datetime) -> int:
    """Delete posts of long ago, also those that nobody could read."""
    old = Post.objects.filter(received_at__lt=at - KEPT).exclude(
        state=Post.State.WAITING
    )
    deleted, _by_model = old.delete()
    return deleted


_NOT_AGREED = """
    delivery.id = {row}.delivery_id AND NOT EXISTS (
        SELECT FROM consent_permission AS permission
        WHERE permission.buyer_id = delivery.buyer_id
          AND permission.topic = 'tracking' AND permission.allowed)
"""
_OPENINGS = f"""
    DELETE FROM feedback_report AS report USING sequences_delivery AS delivery
    WHERE report.kind IN ('opened', 'clicked') AND {_NOT_AGREED.format(row="report")}
"""  # noqa: S608 - constants of ours
_MEASURED = f"""
    DELETE FROM sequences_measureddelivery AS measured
    USING sequences_delivery AS delivery
    WHERE {_NOT_AGREED.format(row="measured")}
"""  # noqa: S608 - constants of ours


def forget_withdrawn() -> int:
    """What was measured of people who agree no more: how many openings and clicks.

    Their messages leave the figures altogether, as if they had never been measured.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_MEASURED)
        cursor.execute(_OPENINGS)
        return int(cursor.rowcount)
