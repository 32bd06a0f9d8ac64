"""How far each member of a campaign came: the relation its funnel reads.

Times are those of the enrolment row, counted from the campaign's first message on.
Whoever reached a stage counts as having passed those before it: a buyer may register
in the store without ever pressing "accept".
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from enum import IntFlag

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.journal import sums
from campaigns.adoption import population, windows
from campaigns.adoption.flags import Test
from campaigns.adoption.frames import Frame, Unit
from campaigns.adoption.population import Sql
from campaigns.sequences import touchpoints
from campaigns.sequences.models import Enrolment
from campaigns.sequences.touchpoints import Bar, Stage

SENT = Stage("sent", _("Sent"), "sent_at", 10)
DELIVERED = Stage("delivered", _("Delivered"), "delivered_at", 15)
REGISTERED = Stage("registered", _("Registered"), "registered_at", 40)
ORDERED = Stage("ordered", _("First online order"), "first_order_at", 50)
REGULAR = Stage("regular", _("Regular"), "regular_at", 60)


class Mark(IntFlag):
    """Bits beside those of the stages, which begin at `FIRST_STAGE`."""

    INELIGIBLE = 1
    ALREADY = 2  # registered before the campaign's first message
    WAITING = 4  # may still come further


FIRST_STAGE = 8


class Group(TextChoices):
    """Who was registered before the first message is listed apart, never mixed in."""

    NEW = "new", _("Not registered when the first message went out")
    ALREADY = "already", _("Already registered when the first message went out")

    @property
    def members(self) -> Test:
        if self is Group.NEW:
            return Test(lacks=Mark.INELIGIBLE | Mark.ALREADY)
        return Test(Mark.ALREADY, Mark.INELIGIBLE)


def stages(frame: Frame, group: Group) -> tuple[Stage, ...]:
    """The bars in order. *Delivered* is one only where a provider reports it."""
    core = [SENT, ORDERED, REGULAR]
    if group is Group.NEW:
        core.append(REGISTERED)
    if delivered_is_reported(frame):
        core.append(DELIVERED)
    return tuple(sorted([*core, *touchpoints.stages()], key=lambda one: one.order))


def delivered_is_reported(frame: Frame) -> bool:
    return Enrolment.objects.filter(
        campaign=frame.campaign_id, delivered_at__isnull=False
    ).exists()


def bit(position: int) -> int:
    """True of those who reached the stage at this position, or a later one."""
    return 1 << (FIRST_STAGE + position)


def travellers(
    unit: Unit, frame: Frame, bars: Sequence[Stage], beside: Sequence[Bar] = ()
) -> Sql:
    """SQL of (id, account_id, reason, times …, t0 … tn, b0 … bm, mask), one row each.

    The bits of what is *beside* come after those of the stages (`beside_bit`).
    """
    of = _buyers if unit is Unit.BUYER else _accounts
    inner = of(frame, bars, beside)
    names = [f"t{i}" for i in range(len(bars))] + [f"b{i}" for i in range(len(beside))]
    mask = _mask(bars) + _mask_beside(bars, beside)
    text = f"SELECT id, account_id, reason, {', '.join(names)}, {mask} AS mask FROM {inner}"  # noqa: S608, E501
    return Sql(text, {**population.params(frame), **_thresholds(frame, bars)})


def _mask(bars: Sequence[Stage]) -> str:
    return (
        " | ".join(
            f"CASE WHEN {test} THEN {number} ELSE 0 END"
            for test, number in (
                ("ineligible", int(Mark.INELIGIBLE)),
                ("already", int(Mark.ALREADY)),
                (_still_waiting(bars), int(Mark.WAITING)),
            )
        )
        + f" | {_reached(bars)}"
    )


def beside_bit(bars: Sequence[Stage], position: int) -> int:
    """True of those who came by what stands beside the stages at this position."""
    return bit(len(bars) + position)


def _mask_beside(bars: Sequence[Stage], beside: Sequence[Bar]) -> str:
    return "".join(
        f" | CASE WHEN b{i} IS NOT NULL THEN {beside_bit(bars, i)} ELSE 0 END"
        for i in range(len(beside))
    )


def _beside(beside: Sequence[Bar]) -> Iterator[str]:
    """SQL of the first time of each, for an enrolment ``e``."""
    for bar in beside:
        yield f"""(SELECT min(own.at) FROM ({bar.times}) AS own
            WHERE own.buyer_id = e.buyer_id AND own.at <= %(at)s
              AND (own.subject = e.subject
                   OR e.subject = '' AND own.at >= e.sent_at))"""  # noqa: S608


def _reached(bars: Sequence[Stage]) -> str:
    """All bits up to that of the furthest stage."""
    cases = " ".join(
        f"WHEN t{i} IS NOT NULL THEN {sum(bit(k) for k in range(i + 1))}"
        for i in reversed(range(len(bars)))
    )
    return f"CASE {cases} ELSE 0 END"


def _still_waiting(bars: Sequence[Stage]) -> str:
    """Messages are still to come, or the time for the next stage has not run out."""
    last = len(bars) - 1
    cases = " ".join(
        f"WHEN t{i} IS NOT NULL THEN t{i} > %(next{i})s" for i in reversed(range(last))
    )
    return f"t{last} IS NULL AND (under_way OR CASE {cases} END)"


def _thresholds(frame: Frame, bars: Sequence[Stage]) -> dict[str, object]:
    return {
        f"next{i}": frame.at - time_for(following)
        for i, following in enumerate(bars[1:])
    }


def time_for(stage: Stage) -> timedelta:
    if stage is REGULAR:
        return windows.to_be_regular()
    return _TIMES.get(stage.slug, windows.TO_ACCEPT)


_TIMES = {
    DELIVERED.slug: windows.TO_BE_SEEN,
    "seen": windows.TO_BE_SEEN,
    REGISTERED.slug: windows.TO_REGISTER,
    ORDERED.slug: windows.TO_ORDER,
}


def _buyers(frame: Frame, bars: Sequence[Stage], beside: Sequence[Bar]) -> str:
    times = ", ".join(
        [
            f"CASE WHEN e.{bar.column} <= %(at)s THEN e.{bar.column} END AS t{i}"
            for i, bar in enumerate(bars)
        ]
        + [f"{time} AS b{i}" for i, time in enumerate(_beside(beside))]
    )
    return f"""(
        SELECT e.buyer_id AS id, e.account_id, x.reason, {times},
               e.state = 'active' AS under_way,
               x.account_id IS NOT NULL AS ineligible,
               p.registered_at < e.sent_at AS already
          FROM sequences_enrolment e
          LEFT JOIN journal_buyerprogress p ON p.buyer_id = e.buyer_id
          LEFT JOIN {population.ineligible(frame)} x ON x.account_id = e.account_id
         WHERE e.campaign_id = %(campaign)s AND e.sent_at <= %(at)s) members"""  # noqa: S608


def _accounts(frame: Frame, bars: Sequence[Stage], beside: Sequence[Bar]) -> str:
    """A company is as far as its furthest buyer, or as its own orders show."""
    columns = dict.fromkeys([SENT.column, *(bar.column for bar in bars)])
    firsts = ", ".join(
        [
            f"min({column}) FILTER (WHERE {column} <= %(at)s) AS {column}"
            for column in columns
        ]
        + [f"min({time}) AS b{i}" for i, time in enumerate(_beside(beside))]
    )
    times = ", ".join(
        [
            f"{_OF_ACCOUNT.get(bar.slug, f'e.{bar.column}')} AS t{i}"
            for i, bar in enumerate(bars)
        ]
        + [f"e.b{i}" for i in range(len(beside))]
    )
    return f"""(
        SELECT e.account_id AS id, e.account_id, x.reason, {times}, e.under_way,
               x.account_id IS NOT NULL AS ineligible,
               p.registered_at < e.sent_at AS already
          FROM (SELECT account_id, bool_or(state = 'active') AS under_way, {firsts}
                  FROM sequences_enrolment e
                 WHERE campaign_id = %(campaign)s AND sent_at <= %(at)s
                 GROUP BY account_id) e
          LEFT JOIN journal_accountprogress p ON p.account_id = e.account_id
          LEFT JOIN {population.ineligible(frame)} x ON x.account_id = e.account_id
        ) members"""  # noqa: S608


# An account's own progress knows of colleagues outside the campaign, and of orders
# that came without a buyer. Only where it ordered online both before and after must
# the journal say which order was the first after.
_FIRST_ORDER = f"""CASE
    WHEN p.online_first >= e.sent_at AND p.online_first <= %(at)s THEN p.online_first
    WHEN p.online_last >= e.sent_at THEN (
        SELECT min(occurred_at) FROM ({sums.FACTS}) f
         WHERE f.account_id = e.account_id AND f.online AND f.corrects IS NULL
           AND f.kind = 'ordered' AND f.occurred_at BETWEEN e.sent_at AND %(at)s)
    END"""  # noqa: S608
_OF_ACCOUNT = {
    REGISTERED.slug: """LEAST(e.registered_at, CASE
        WHEN p.registered_at BETWEEN e.sent_at AND %(at)s THEN p.registered_at END)""",
    ORDERED.slug: f"LEAST(e.first_order_at, {_FIRST_ORDER})",
    REGULAR.slug: """LEAST(e.regular_at, CASE
        WHEN p.regular_since BETWEEN e.sent_at AND %(at)s THEN p.regular_since END)""",
}
