"""The four rates as frozen figures: numbers, units, period, and the names behind.

Two statements for everything, one per unit, each a pass over one progress row per
invited buyer or account: they grow with buyers and accounts, not with events.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from django.db import connection
from django.urls import reverse
from django.utils.functional import Promise

from campaigns.adoption import rates
from campaigns.adoption.flags import Flag
from campaigns.adoption.frames import Frame, Unit
from campaigns.adoption.population import Sql, members, tally
from campaigns.adoption.rates import Named, Rate

Label = str | Promise


@dataclass(frozen=True, slots=True)
class Part:
    """A number and where its names are."""

    slug: str
    label: Label
    unit: Unit
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some are left out of every rate."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One rate. numerator + more + possible + over = denominator.

    ``possible`` have not done it and still have time; for ``over`` it has run out.
    The guide's key-account formula mixes units and so has neither.
    """

    slug: str
    short: Label
    label: Label
    formula: Label
    reads_as: Label
    unit: Unit
    frame: Frame
    numerator: Part
    denominator: Part
    possible: Part | None = None
    over: Part | None = None
    more: Part | None = None

    @property
    def value(self) -> Fraction | None:
        """None while nobody was invited."""
        if not self.denominator.count:
            return None
        return Fraction(self.numerator.count, self.denominator.count)

    @property
    def too_early(self) -> bool:
        """Most of those invited still have time: no judgement yet."""
        return self.possible is not None and (
            self.possible.count * 2 > self.denominator.count
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit's numbers: stages, and who is listed apart."""

    unit: Unit
    stages: tuple[Part, ...]
    before: Part
    ineligible: Part
    reasons: tuple[Reason, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Report:
    frame: Frame
    figures: tuple[Figure, ...]
    buyers: Standing
    accounts: Standing

    def find(self, slug: str, unit: Unit = Unit.BUYER) -> Figure:
        return next(
            figure
            for figure in self.figures
            if figure.slug == slug and figure.unit is unit
        )

    @property
    def cards(self) -> tuple[tuple[Figure, ...], ...]:
        """The figures side by side that belong together: units, and the guide's."""
        together: dict[str, list[Figure]] = {}
        for figure in self.figures:
            together.setdefault(str(figure.short), []).append(figure)
        return tuple(tuple(figures) for figures in together.values())

    @property
    def standings(self) -> tuple[Standing, Standing]:
        return self.buyers, self.accounts

    @property
    def empty(self) -> bool:
        return not any(
            part.count
            for standing in self.standings
            for part in (standing.stages[0], standing.before, standing.ineligible)
        )


@dataclass(frozen=True, slots=True)
class Groups:
    """How many have which flags; and of the ineligible, how many for which reason."""

    unit: Unit
    masks: Mapping[int, int]
    reasons: Mapping[str, int]


def report(frame: Frame) -> Report:
    """All rates and stages. Two statements."""
    groups = {unit: count(unit, frame) for unit in Unit}
    return Report(
        frame,
        tuple(_figures(frame, groups)),
        _standing(frame, groups[Unit.BUYER]),
        _standing(frame, groups[Unit.ACCOUNT]),
    )


def count(unit: Unit, frame: Frame) -> Groups:
    """One statement; a few dozen rows come back however many there are."""
    asked = _of_then(unit, frame) if frame.past else tally(unit, frame)
    masks: Counter[int] = Counter()
    reasons: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(asked.text, asked.params)
        for mask, reason, instead, number in cursor:
            masks[mask] += number
            if instead is not None:
                masks[instead] -= number
            if mask & Flag.INELIGIBLE:
                reasons[reason] += number
    return Groups(unit, masks, reasons)


def _of_then(unit: Unit, frame: Frame) -> Sql:
    """The journal is summed up once, so that exceptions are looked up row by row."""
    inner = members(unit, frame)
    text = f"SELECT mask, reason, NULL, count(*) FROM ({inner.text}) m GROUP BY 1, 2"  # noqa: S608
    return Sql(text, inner.params)


def _figures(frame: Frame, groups: Mapping[Unit, Groups]) -> Iterator[Figure]:
    for unit in Unit:
        for rate in rates.RATES:
            if unit in rate.units:
                yield _figure(rate, frame, groups[unit])
    yield _guide(frame, groups)


def _figure(rate: Rate, frame: Frame, groups: Groups) -> Figure:
    def part(which: str) -> Part:
        return _part(rates.lists()[f"{rate.slug}.{which}"], frame, groups)

    return Figure(
        slug=rate.slug,
        short=rate.short,
        label=rate.label,
        formula=rate.formula[groups.unit],
        reads_as=rate.reads_as,
        unit=groups.unit,
        frame=frame,
        numerator=part("done"),
        denominator=part("invited"),
        possible=part("possible"),
        over=part("over"),
        more=part("beyond") if rate is rates.EXACTLY_ONCE else None,
    )


def _guide(frame: Frame, groups: Mapping[Unit, Groups]) -> Figure:
    kaar = rates.KEY_ACCOUNTS
    done = rates.lists()[f"{kaar.slug}.done"]
    return Figure(
        slug=rates.GUIDE_SLUG,
        short=kaar.short,
        label=rates.GUIDE_LABEL,
        formula=rates.GUIDE_FORMULA,
        reads_as=kaar.reads_as,
        unit=Unit.ACCOUNT,
        frame=frame,
        numerator=_part(done, frame, groups[Unit.ACCOUNT]),
        denominator=_part(rates.INVITED, frame, groups[Unit.BUYER]),
    )


def _standing(frame: Frame, groups: Groups) -> Standing:
    return Standing(
        groups.unit,
        tuple(_part(stage, frame, groups) for stage in rates.STAGES),
        _part(rates.BEFORE, frame, groups),
        _part(rates.INELIGIBLE, frame, groups),
        tuple(Reason(*reason) for reason in sorted(groups.reasons.items())),
    )


def _part(named: Named, frame: Frame, groups: Groups) -> Part:
    url = reverse("adoption:names")
    return Part(
        named.slug,
        named.label,
        groups.unit,
        named.test.count(groups.masks),
        f"{url}?{frame.query(list=named.slug, unit=groups.unit)}",
    )
