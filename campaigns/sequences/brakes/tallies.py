"""What became of messages, counted by minute: rates and thresholds read it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection

from campaigns.sequences.brakes import thresholds
from campaigns.sequences.models import Tally

#: A week is looked at, and a day more for what comes late.
KEPT = timedelta(days=8)
_COLUMNS = ("sent", "failed", "unknown", "later")
_TROUBLE = frozenset({"failed", "unknown"})

# Sorted: senders that write at once lock the rows in one order.
_WRITE = """
    INSERT INTO sequences_tally (minute, provider, campaign_id, sent, failed, unknown,
                                 later, bounced, complained)
    SELECT date_trunc('minute', %(at)s::timestamptz), %(provider)s, campaign_id,
           sent, failed, unknown, later, 0, 0
    FROM unnest(%(campaigns)s::bigint[], %(sent)s::int[], %(failed)s::int[],
                %(unknown)s::int[], %(later)s::int[])
        AS counted (campaign_id, sent, failed, unknown, later)
    ORDER BY campaign_id
    ON CONFLICT (campaign_id, minute, provider) DO UPDATE
    SET sent = sequences_tally.sent + excluded.sent,
        failed = sequences_tally.failed + excluded.failed,
        unknown = sequences_tally.unknown + excluded.unknown,
        later = sequences_tally.later + excluded.later
"""


def write(provider: str, counted: Mapping[tuple[int, str], int], at: datetime) -> None:
    """Add (campaign, state) → number, and judge the campaigns that had failures."""
    campaigns = sorted({campaign for campaign, _state in counted})
    numbers = {
        column: [counted.get((campaign, column), 0) for campaign in campaigns]
        for column in _COLUMNS
    }
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {"at": at, "provider": provider, "campaigns": campaigns, **numbers},
        )
    failing = {campaign for campaign, state in counted if state in _TROUBLE}
    thresholds.enforce(failing, at)


def forget(at: datetime) -> int:
    """Remove what is too old to be looked at."""
    removed, _kinds = Tally.objects.filter(minute__lt=at - KEPT).delete()
    return removed
