"""The figures store vendors show, for comparison: by account, whoever was invited.

An order counts on whichever channel it came; what was placed on a customer's behalf is
not her online order.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntFlag, auto
from fractions import Fraction
from functools import cache

from django.db import connection
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.adoption import population
from campaigns.adoption.figures import Part
from campaigns.adoption.flags import Test
from campaigns.adoption.frames import Frame, Unit
from campaigns.adoption.population import Sql
from campaigns.adoption.rates import Named

Label = str | Promise

ACTIVE = timedelta(days=90)
QUIET = timedelta(days=30)


class Use(IntFlag):
    INELIGIBLE = auto()
    BUYS = auto()  # any order in the last 90 days
    BUYS_ONLINE = auto()
    BUYS_OFFLINE = auto()
    BOUGHT_ONLINE_TWICE = auto()
    IN_STORE = auto()
    QUIET = auto()  # no order in the last 30 days


@dataclass(frozen=True, slots=True)
class Share:
    slug: str
    label: Label
    formula: Label
    part: Test
    whole: Test


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure of the comparison, with its numbers and the names behind them."""

    label: Label
    formula: Label
    numerator: Part
    denominator: Part

    @property
    def value(self) -> Fraction | None:
        if not self.denominator.count:
            return None
        return Fraction(self.numerator.count, self.denominator.count)


SHARES = (
    Share(
        "online-only",
        _("Online only"),
        _(
            "accounts all of whose orders of the last 90 days came online ÷ "
            "accounts with an order in the last 90 days"
        ),
        Test(Use.BUYS_ONLINE, Use.BUYS_OFFLINE | Use.INELIGIBLE),
        Test(Use.BUYS, Use.INELIGIBLE),
    ),
    Share(
        "inactive",
        _("Inactive for 30 days"),
        _(
            "accounts in the store without any order in the last 30 days ÷ "
            "accounts in the store"
        ),
        Test(Use.IN_STORE | Use.QUIET, Use.INELIGIBLE),
        Test(Use.IN_STORE, Use.INELIGIBLE),
    ),
    Share(
        "repeat-90",
        _("Repeat within 90 days"),
        _(
            "accounts with two or more online orders in the last 90 days ÷ "
            "accounts with an online order in the last 90 days"
        ),
        Test(Use.BUYS_ONLINE | Use.BOUGHT_ONLINE_TWICE, Use.INELIGIBLE),
        Test(Use.BUYS_ONLINE, Use.INELIGIBLE),
    ),
)
COLUMNS = (
    ("registered_at", _("Registered")),
    ("online_last", _("Last online order")),
    ("offline_last", _("Last order on another channel")),
    ("online_count", _("Online orders")),
    ("offline_count", _("Other orders")),
)

_TRUE_OF = {
    Use.INELIGIBLE: "x.account_id IS NOT NULL",
    Use.BUYS: "GREATEST(p.online_last, p.offline_last) > %(active)s",
    Use.BUYS_ONLINE: "p.online_last > %(active)s",
    Use.BUYS_OFFLINE: "p.offline_last > %(active)s",
    Use.BOUGHT_ONLINE_TWICE: "p.online_recent[2] > %(active)s",
    Use.IN_STORE: "p.registered_at <= %(at)s OR p.online_first <= %(at)s",
    Use.QUIET: "COALESCE(GREATEST(p.online_last, p.offline_last) <= %(quiet)s, true)",
}


def members(frame: Frame) -> Sql:
    """SQL of (id, account_id, reason, times …, mask): accounts with any history."""
    mask = " | ".join(
        f"CASE WHEN {test} THEN {int(flag)} ELSE 0 END"
        for flag, test in _TRUE_OF.items()
    )
    columns = ", ".join(f"p.{name}" for name, _label in COLUMNS)
    text = f"""
        SELECT p.account_id AS id, p.account_id, x.reason, {columns}, {mask} AS mask
          FROM journal_accountprogress p
          LEFT JOIN {population.ineligible(frame)} x ON x.account_id = p.account_id
    """  # noqa: S608
    params = {"active": frame.at - ACTIVE, "quiet": frame.at - QUIET}
    return Sql(text, {**population.params(frame), **params})


def compare(frame: Frame) -> tuple[Shown, ...]:
    """One statement."""
    inner = members(frame)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT mask, count(*) FROM ({inner.text}) m GROUP BY 1",  # noqa: S608
            inner.params,
        )
        masks: dict[int, int] = dict(cursor.fetchall())
    return tuple(
        Shown(
            share.label,
            share.formula,
            _part(f"{share.slug}.part", share.part, frame, masks),
            _part(f"{share.slug}.whole", share.whole, frame, masks),
        )
        for share in SHARES
    )


def _part(slug: str, test: Test, frame: Frame, masks: dict[int, int]) -> Part:
    url = f"{reverse('adoption:names')}?{frame.query(list=slug, unit=Unit.ACCOUNT)}"
    return Part(slug, lists()[slug].label, Unit.ACCOUNT, test.count(masks), url)


@cache
def lists() -> dict[str, Named]:
    """The lists behind the comparison, by slug."""
    parts = (
        named
        for share in SHARES
        for named in (
            Named(f"{share.slug}.part", share.label, share.part),
            Named(f"{share.slug}.whole", share.formula, share.whole),
        )
    )
    return {named.slug: named for named in parts}
