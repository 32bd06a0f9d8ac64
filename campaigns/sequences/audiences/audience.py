"""Whom a campaign reaches: who is in, who is not, and why, before anything is sent.

One SQL text judges every buyer that a rule names (`standing.judge`); counts, lists of
names and one buyer's answer all read it, so they cannot disagree. A buyer who may not
be enrolled is *left out*; one who is enrolled but would get nothing is *not sent to*,
with the same reason that her deliveries will carry.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.customers import search as search_for
from accounts.customers.models import Buyer
from campaigns.sequences import reasons
from campaigns.sequences.audiences import conditions
from campaigns.sequences.audiences.conditions import Rule
from campaigns.sequences.audiences.standing import judge, may_be_enrolled
from campaigns.sequences.models import Campaign, Enrolment

#: Reasons of those who match the rule but are never enrolled.
LEFT_OUT = ("inactive", "ineligible")
#: Reasons of those who are enrolled, and whom no message reaches.
NOT_SENT = (
    "goal_reached",
    "no_address",
    "suppressed",
    "no_permission",
    "same_mailbox",
)


@dataclass(frozen=True, slots=True)
class Excluded:
    """So many people one reason keeps from getting anything."""

    reason: str
    buyers: int
    accounts: int

    @property
    def label(self) -> str:
        return reasons.label(self.reason)


@dataclass(frozen=True, slots=True)
class Count:
    """An audience in figures. ``buyers`` are enrolled; ``reachable`` get the mail."""

    buyers: int
    accounts: int
    reachable: int
    reachable_accounts: int
    not_sent: tuple[Excluded, ...]
    left_out: tuple[Excluded, ...]


def buyers(rule: Rule, at: datetime) -> QuerySet[Buyer]:
    """The buyers that a campaign with this rule enrols at *at*."""
    return Buyer.objects.filter(conditions.q(rule, at), may_be_enrolled(at))


def count(rule: Rule, at: datetime, *, goal: str = "", service: bool = False) -> Count:
    """Figures of the audience in one statement; grows with the buyers that match.

    *goal*: whoever has reached it gets nothing. *service*: as for service messages,
    which need no permission.
    """
    told, values = judge(_named(rule, at), at, goal=goal, service=service)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(told=told), (*values, list(LEFT_OUT)))
        found = {row[0]: (row[1], row[2]) for row in cursor}
    return Count(
        *found[None],
        *found.get("", (0, 0)),
        not_sent=_excluded(NOT_SENT, found),
        left_out=_excluded(LEFT_OUT, found),
    )


def _excluded(
    slugs: Iterable[str], found: Mapping[str | None, tuple[int, int]]
) -> tuple[Excluded, ...]:
    return tuple(Excluded(slug, *found[slug]) for slug in slugs if slug in found)


def members(
    rule: Rule,
    at: datetime,
    *,
    reason: str | None = None,
    search: str = "",
    goal: str = "",
    service: bool = False,
) -> QuerySet[Buyer]:
    """The names behind the figures, by company and name.

    *reason* None: everybody enrolled; "": those who would get it; else those whom this
    reason keeps from it. Page it: one page costs the judgement of the whole audience.
    """
    if reason is None:
        found = buyers(rule, at)
    else:
        told, values = judge(_named(rule, at), at, goal=goal, service=service)
        sql = _NAMED.format(told=told)
        named = RawSQL(sql, (*values, reason))  # noqa: S611 - ours, values bound
        found = Buyer.objects.filter(pk__in=named)
    found = found.filter(search_for.buyers(search)).select_related("account")
    return found.order_by("account__name", "last_name", "first_name", "pk")


def reasons_of(
    rule: Rule,
    at: datetime,
    ids: Iterable[int],
    *,
    goal: str = "",
    service: bool = False,
) -> dict[int, str]:
    """Buyer id → "" (gets it) or the reason; absent: the rule does not name her."""
    wanted = list(ids)
    own = Q(pk__in=wanted) & ~Q(address_hash=None)
    hashes = Buyer.objects.filter(own).values("address_hash")
    near = Q(pk__in=wanted) | Q(address_hash__in=hashes)
    people = _named(rule, at).filter(near)
    told, values = judge(people, at, goal=goal, service=service)
    with connection.cursor() as cursor:
        cursor.execute(_REASONS.format(told=told), (*values, wanted))
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """So many of the audience are under way in other campaigns, and in which."""

    buyers: int = 0
    campaigns: tuple[tuple[Campaign, int], ...] = ()


def elsewhere(rule: Rule, at: datetime, campaign_id: int | None) -> Elsewhere:
    """Who of the audience is under way in another running campaign as well."""
    others = Enrolment.objects.filter(
        state=Enrolment.State.ACTIVE,
        campaign__state__in=(Campaign.State.RUNNING, Campaign.State.PAUSED),
    )
    if campaign_id is not None:
        others = others.exclude(campaign_id=campaign_id)
    people = buyers(rule, at).order_by()
    twice = people.filter(Exists(others.filter(buyer=OuterRef("pk")))).count()
    if not twice:
        return Elsewhere()
    shared = others.filter(buyer__in=people.values("pk")).order_by()
    numbers = dict(shared.values_list("campaign").annotate(models.Count("buyer")))
    named = Campaign.objects.in_bulk(numbers)
    found = sorted(numbers.items(), key=lambda one: -one[1])
    return Elsewhere(twice, tuple((named[key], number) for key, number in found))


def unknown_numbers(rule: Rule) -> list[str]:
    """Pasted customer numbers that no account has, as they were pasted."""
    from_rule = [
        number
        for row in conditions.rows(rule)
        if row.condition == "customer_numbers" and isinstance(row.value, list)
        for number in row.value
    ]
    return _missing(from_rule) if from_rule else []


def _missing(numbers: list[str]) -> list[str]:
    keys = [number.strip().casefold() for number in numbers]
    with connection.cursor() as cursor:
        cursor.execute(_MISSING, (numbers, keys))
        return [row[0] for row in cursor]


def _named(rule: Rule, at: datetime) -> QuerySet[Buyer]:
    """Everybody the rule names, whether or not she may be enrolled."""
    return Buyer.objects.filter(conditions.q(rule, at))


_COUNT = """
    WITH {told}
    SELECT reason, sum(number)::bigint, count(*)
      FROM (SELECT reason, account_id, count(*) AS number
              FROM told GROUP BY reason, account_id) AS of_account
     GROUP BY reason
     UNION ALL
    SELECT NULL, coalesce(sum(number), 0)::bigint, count(*)
      FROM (SELECT account_id, count(*) AS number
              FROM told WHERE reason <> ALL(%s) GROUP BY account_id) AS of_account
"""
_NAMED = "WITH {told} SELECT id FROM told WHERE reason = %s"
_REASONS = "WITH {told} SELECT id, reason FROM told WHERE id = ANY(%s)"
_MISSING = """
    SELECT typed
      FROM unnest(%s::text[], %s::text[]) AS pasted (typed, key)
     WHERE NOT EXISTS (
           SELECT FROM customers_account WHERE number_key = pasted.key)
"""
