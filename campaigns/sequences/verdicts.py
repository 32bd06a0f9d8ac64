"""Why a buyer may not be written to now: SQL shared by planning and the last look.

The order of the reasons is that of `standing.judge`, which says the same to
people beforehand; a test holds them against each other.
"""

from datetime import datetime
from typing import Any

from django.utils.timezone import get_default_timezone, localdate

#: Reasons to leave the campaign for good, rather than to pass over one message.
LEAVING = ("inactive", "ineligible", "goal_reached", "suppressed", "no_permission")

#: Needs ``buyer``, ``account`` and ``purpose`` ("marketing" or "service") in scope.
INACTIVE = "NOT buyer.active"
INELIGIBLE = """(CASE
    WHEN account.ineligible_from IS NULL AND account.ineligible_until IS NULL
    THEN NOT account.eligible
    ELSE coalesce(account.ineligible_from, '-infinity') <= %(day)s
        AND %(day)s <= coalesce(account.ineligible_until, 'infinity') END)"""
NO_ADDRESS = "(buyer.address_hash IS NULL OR buyer.email = '')"


def suppressed(purpose: str) -> str:
    return f"""EXISTS (
        SELECT FROM consent_suppression AS suppression
        WHERE suppression.address_hash = buyer.address_hash
          AND suppression.lifted_at IS NULL
          AND (suppression.scope = 'all' OR {purpose} = 'marketing'))"""


def not_permitted(purpose: str) -> str:
    return f"""({purpose} = 'marketing' AND NOT EXISTS (
        SELECT FROM consent_permission AS permission
        WHERE permission.buyer_id = buyer.id
          AND permission.topic = 'marketing' AND permission.allowed))"""


def unwanted(purpose: str, topic: str) -> str:
    """She chose not to get commercial messages about this."""
    return f"""({purpose} = 'marketing' AND EXISTS (
        SELECT FROM consent_permission AS permission
        WHERE permission.buyer_id = buyer.id
          AND permission.topic = {topic} AND NOT permission.allowed))"""


def too_soon(delivery: str) -> str:
    """She asked for fewer: the last one is not long enough ago, or goes with it."""
    return f"""({delivery}.purpose = 'marketing' AND EXISTS (
        SELECT FROM consent_permission AS permission
        JOIN sequences_delivery AS earlier ON earlier.buyer_id = buyer.id
         AND earlier.id <> {delivery}.id
         AND (earlier.state IN ('sent', 'unknown')
                AND coalesce(earlier.sent_at, earlier.settled_at)
                    > %(at)s - make_interval(days => permission.every_days)
              OR earlier.state = 'sending'
              OR earlier.id = ANY(%(ids)s) AND earlier.id < {delivery}.id)
        JOIN campaign_messages_messageversion AS said
          ON said.id = earlier.message_version_id AND said.purpose = 'marketing'
        WHERE permission.buyer_id = buyer.id AND permission.topic = 'marketing'
          AND permission.every_days > 0))"""


def parameters(at: datetime) -> dict[str, Any]:
    return {"at": at, "day": localdate(at, get_default_timezone())}
