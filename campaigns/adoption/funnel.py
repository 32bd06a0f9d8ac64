"""A campaign's funnel, by buyer or by account: who came how far, who still may.

Two statements a funnel (four with the questions whether *delivered* is reported and
which touchpoints have a part); they grow with the members of the campaign, not with
its events.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.adoption import passage
from campaigns.adoption.figures import Label, Part, Reason
from campaigns.adoption.flags import Test
from campaigns.adoption.frames import Frame, Unit
from campaigns.adoption.passage import Group, Mark
from campaigns.adoption.population import Sql
from campaigns.sequences.results import parts
from campaigns.sequences.touchpoints import Bar, Stage

DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Step:
    """One bar. reached + possible + over = the funnel's first bar."""

    slug: str
    label: Label
    reached: Part
    possible: Part
    over: Part
    of_previous: Fraction | None
    of_first: Fraction | None
    median_days: float | None

    @property
    def too_early(self) -> bool:
        """Most of those who have not come this far still may."""
        missing = self.possible.count + self.over.count
        return self.possible.count * 2 > missing


@dataclass(frozen=True, slots=True)
class Beside:
    """A bar that not every way leads through; the stages after it do not imply it."""

    reached: Part
    of_first: Fraction | None


@dataclass(frozen=True, slots=True)
class Funnel:
    frame: Frame
    unit: Unit
    group: Group
    steps: tuple[Step, ...]
    beside: tuple[Beside, ...]
    other: Part
    ineligible: Part
    reasons: tuple[Reason, ...]
    delivered_is_reported: bool

    @property
    def empty(self) -> bool:
        return not self.steps[0].reached.count

    def find(self, slug: str) -> Step:
        return next(step for step in self.steps if step.slug == slug)


def funnel(frame: Frame, unit: Unit, group: Group = Group.NEW) -> Funnel:
    """The funnel of ``frame.campaign_id`` as it stands now."""
    bars = passage.stages(frame, group)
    beside = parts.bars(frame.campaign_id)
    inner = passage.travellers(unit, frame, bars, beside)
    masks, reasons = _count(inner)
    medians = _medians(inner, group, len(bars))
    tell = _Teller(frame, unit, group, masks)
    return Funnel(
        frame,
        unit,
        group,
        tuple(tell.step(bars, i, medians) for i in range(len(bars))),
        tuple(tell.beside(bars, beside)),
        other=tell.part(_OTHER[group], "members", _OTHER[group].members, ""),
        ineligible=tell.part(
            group, "ineligible", Test(Mark.INELIGIBLE), _("May not order online")
        ),
        reasons=tuple(Reason(*reason) for reason in sorted(reasons.items())),
        delivered_is_reported=passage.DELIVERED in bars,
    )


_OTHER = {Group.NEW: Group.ALREADY, Group.ALREADY: Group.NEW}


def _count(inner: Sql) -> tuple[Counter[int], Counter[str]]:
    masks: Counter[int] = Counter()
    reasons: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(inner=inner.text), inner.params)
        for mask, reason, number in cursor:
            masks[mask] += number
            if mask & Mark.INELIGIBLE:
                reasons[reason] += number
    return masks, reasons


_COUNT = "SELECT mask, reason, count(*) FROM ({inner}) m GROUP BY 1, 2"


def _medians(inner: Sql, group: Group, bars: int) -> list[float | None]:
    """Days from one stage to the next, of those for whom both times are known."""
    wanted = ", ".join(
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM"
        f" t{i} - t{i - 1})) FILTER (WHERE t{i} >= t{i - 1})"
        for i in range(1, bars)
    )
    sql = f"SELECT {wanted} FROM ({inner.text}) m WHERE {group.members.sql()}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, inner.params)
        row: Sequence[float | None] = cursor.fetchone()
    return [None, *(None if one is None else float(one) / DAY for one in row)]


@dataclass(frozen=True, slots=True)
class _Teller:
    """Turns the counted masks into parts with names behind them."""

    frame: Frame
    unit: Unit
    group: Group
    masks: Mapping[int, int]

    def step(
        self, bars: Sequence[Stage], i: int, medians: Sequence[float | None]
    ) -> Step:
        bar = bars[i]
        counts = [self._reached(position) for position in (0, max(i - 1, 0), i)]
        return Step(
            bar.slug,
            bar.label,
            self._part(bar, "reached", reached(self.group, i), bar.label),
            self._part(bar, "possible", possible(self.group, i), _("Still possible")),
            self._part(bar, "over", over(self.group, i), _("Time has run out")),
            of_previous=_share(counts[2], counts[1]) if i else None,
            of_first=_share(counts[2], counts[0]),
            median_days=medians[i],
        )

    def beside(self, bars: Sequence[Stage], beside: Sequence[Bar]) -> Iterator[Beside]:
        for i, bar in enumerate(beside):
            test = came_by(self.group, bars, i)
            part = self.part(self.group, f"{bar.slug}.reached", test, bar.label)
            yield Beside(part, _share(part.count, self._reached(0)))

    def part(self, group: Group, which: str, test: Test, label: Label) -> Part:
        slug = f"funnel.{group}.{which}"
        query = self.frame.query(list=slug, unit=self.unit)
        url = f"{reverse('adoption:names')}?{query}"
        return Part(slug, label, self.unit, test.count(self.masks), url)

    def _part(self, bar: Stage, which: str, test: Test, label: Label) -> Part:
        return self.part(self.group, f"{bar.slug}.{which}", test, label)

    def _reached(self, position: int) -> int:
        return reached(self.group, position).count(self.masks)


def reached(group: Group, position: int) -> Test:
    return group.members & Test(passage.bit(position))


def came_by(group: Group, bars: Sequence[Stage], position: int) -> Test:
    return group.members & Test(passage.beside_bit(bars, position))


def possible(group: Group, position: int) -> Test:
    return group.members & Test(Mark.WAITING, passage.bit(position))


def over(group: Group, position: int) -> Test:
    return group.members & Test(lacks=Mark.WAITING | passage.bit(position))


def _share(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None
