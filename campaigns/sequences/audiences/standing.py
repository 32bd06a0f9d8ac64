"""Who may not be written to and why, as the audience tells it beforehand.

`verdicts` asks the same of each message when it is planned and before it is sent; a
test holds the two against each other.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.timezone import get_default_timezone, localdate

from accounts.customers.models import Buyer
from accounts.journal.models import KindProgress
from campaigns.sequences import goals


def may_be_enrolled(at: datetime) -> Q:
    return Q(active=True) & ~ineligible(at)


def ineligible(at: datetime) -> Q:
    """Companies that may not order online on the day of *at*: by their dates, else
    by today's word. Says the same as `eligibility.turn`, for any day."""
    day = localdate(at, get_default_timezone())
    undated = Q(account__ineligible_from=None, account__ineligible_until=None)
    begun = Q(account__ineligible_from=None) | Q(account__ineligible_from__lte=day)
    lasting = Q(account__ineligible_until=None) | Q(account__ineligible_until__gte=day)
    return (undated & Q(account__eligible=False)) | (~undated & begun & lasting)


def reached(slug: str) -> Q:
    """Buyers who, or whose company, have reached the goal; nobody for no goal."""
    goal = goals.find(slug)
    if goal is None:
        return Q(pk__in=[])
    if goal.column:
        path = "progress" if goal.unit == goals.Unit.BUYER else "account__progress"
        return Q(**{f"{path}__{goal.column}__isnull": False})
    buyer = OuterRef("pk") if goal.unit == goals.Unit.BUYER else Value(0)
    seen = KindProgress.objects.filter(
        account_id=OuterRef("account_id"), buyer_id=buyer, kind=goal.kind
    )
    return Q(Exists(seen))


def judge(
    people: QuerySet[Buyer], at: datetime, *, goal: str = "", service: bool = False
) -> tuple[str, tuple[Any, ...]]:
    """SQL of a WITH list that ends in ``told (id, account_id, reason)``, and values.

    A reason is a slug of `reasons`, or "" for who would get it. Of several buyers
    at one mailbox the first one gets it. Permissions and suppressions are joined
    once for all, not asked for each buyer: a third of the time at 200,000.
    """
    facts = people.order_by().values_list(
        "pk",
        "account_id",
        "address_hash",
        _is(Q(active=False)),
        _is(ineligible(at)),
        _is(reached(goal)),
    )
    try:
        sql, values = facts.query.sql_with_params()
    except EmptyResultSet:
        sql, values = _NOBODY, ()
    return _TOLD.format(matched=sql), (*values, service, service)


def _is(asked: Q) -> Case:
    return Case(When(asked, then=Value(True)), default=Value(False))


_NOBODY = "SELECT 0::bigint, 0::bigint, NULL::bytea, false, false, false WHERE false"
_TOLD = """
    matched (id, account_id, address_hash, is_inactive, is_ineligible, is_done)
        AS MATERIALIZED ({matched}),
    judged AS MATERIALIZED (
        SELECT matched.id, matched.account_id, matched.address_hash, CASE
            WHEN is_inactive THEN 'inactive'
            WHEN is_ineligible THEN 'ineligible'
            WHEN is_done THEN 'goal_reached'
            WHEN matched.address_hash IS NULL THEN 'no_address'
            WHEN suppression.address_hash IS NOT NULL THEN 'suppressed'
            WHEN permission.buyer_id IS NULL AND NOT %s THEN 'no_permission'
            ELSE '' END AS why
        FROM matched
        LEFT JOIN consent_permission AS permission
            ON permission.buyer_id = matched.id
            AND permission.topic = 'marketing' AND permission.allowed
        LEFT JOIN (
            SELECT DISTINCT address_hash FROM consent_suppression
            WHERE lifted_at IS NULL AND (scope = 'all' OR NOT %s)
        ) AS suppression ON suppression.address_hash = matched.address_hash
    ), shared AS (
        SELECT address_hash, min(id) AS id FROM judged
        WHERE why = '' GROUP BY address_hash HAVING count(*) > 1
    ), told AS MATERIALIZED (
        SELECT judged.id, judged.account_id,
               CASE WHEN shared.id <> judged.id THEN 'same_mailbox' ELSE why END
                   AS reason
        FROM judged LEFT JOIN shared
            ON judged.why = '' AND shared.address_hash = judged.address_hash
    )
"""
