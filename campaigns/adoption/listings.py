"""Which list of names an address asks for, and the relation and test behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.adoption import channels, funnel, passage, population, rates, usage
from campaigns.adoption.flags import Test
from campaigns.adoption.frames import Frame, Unit
from campaigns.adoption.passage import Group
from campaigns.adoption.population import Sql
from campaigns.sequences.results import parts
from campaigns.sequences.touchpoints import Bar, Stage

Label = str | Promise


class NoSuchList(LookupError):
    """The address names a list that does not exist."""


@dataclass(frozen=True, slots=True)
class Column:
    """A time or a number of the relation that the list shows."""

    name: str
    label: Label


@dataclass(frozen=True, slots=True)
class Listing:
    """``stage_of`` says in a word how far a row's flags have come."""

    slug: str
    label: Label
    unit: Unit
    frame: Frame
    inner: Sql
    test: Test
    columns: tuple[Column, ...]
    stage_of: Callable[[int], Label]


PROGRESS = (
    Column("invited_at", _("Invited")),
    Column("registered_at", _("Registered")),
    Column("online_first", _("First online order")),
    Column("online_last", _("Last online order")),
    Column("online_count", _("Online orders")),
)
WORD = {Group.NEW: _("Not registered before"), Group.ALREADY: _("Already registered")}
OUTCOME = {
    "reached": (_("Reached: %(stage)s"), funnel.reached),
    "possible": (_("Still possible: %(stage)s"), funnel.possible),
    "over": (_("Time has run out: %(stage)s"), funnel.over),
}


def find(slug: str, unit: Unit, frame: Frame) -> Listing:
    """Raises `NoSuchList`. No query, but for which bars a campaign's funnel has."""
    if slug.startswith("funnel."):
        return _of_funnel(slug, unit, frame)
    if slug.startswith("channel."):
        return _of_channel(slug, frame)
    if slug in usage.lists():
        return _of_usage(slug, frame)
    named = rates.lists().get(slug)
    if named is None:
        raise NoSuchList(slug)
    inner = population.members(unit, frame)
    return Listing(
        slug, named.label, unit, frame, inner, named.test, PROGRESS, _furthest
    )


def _furthest(mask: int) -> Label:
    if rates.INELIGIBLE.test.holds(mask) or rates.BEFORE.test.holds(mask):
        return ""
    passed = [stage.label for stage in rates.STAGES if stage.test.holds(mask)]
    return passed[-1] if passed else ""


def _of_channel(slug: str, frame: Frame) -> Listing:
    _channel, channel, currency = [*slug.split("."), "", ""][:3]
    return Listing(
        slug,
        _("Orders by channel: %(channel)s") % {"channel": channels.label_of(channel)},
        Unit.ACCOUNT,
        frame,
        channels.members(frame, channel, currency),
        Test(),
        (
            Column("orders", _("Orders")),
            Column("amount", currency),
            Column("credited", _("Credited")),
        ),
        lambda mask: "",
    )


def _of_usage(slug: str, frame: Frame) -> Listing:
    named = usage.lists()[slug]
    return Listing(
        slug,
        named.label,
        Unit.ACCOUNT,
        frame,
        usage.members(frame),
        named.test,
        tuple(Column(*column) for column in usage.COLUMNS),
        lambda mask: "",
    )


def _of_funnel(slug: str, unit: Unit, frame: Frame) -> Listing:
    group, which, outcome = _split(slug)
    if frame.campaign_id is None:
        raise NoSuchList(slug)
    bars = passage.stages(frame, group)
    beside = parts.bars(frame.campaign_id)
    label, test = _asked(group, which, outcome, bars, beside)
    columns = tuple(
        [Column(f"t{i}", bar.label) for i, bar in enumerate(bars)]
        + [Column(f"b{i}", bar.label) for i, bar in enumerate(beside)]
    )
    inner = passage.travellers(unit, frame, bars, beside)
    return Listing(
        slug, label, unit, frame, inner, test, columns, lambda mask: _last(bars, mask)
    )


def _split(slug: str) -> tuple[Group, str, str]:
    _funnel, group, *rest = slug.split(".")
    if group not in Group.values or not 1 <= len(rest) <= 2:
        raise NoSuchList(slug)
    return Group(group), rest[0], rest[1] if len(rest) > 1 else ""


def _asked(
    group: Group,
    which: str,
    outcome: str,
    bars: Sequence[Stage],
    beside: Sequence[Bar],
) -> tuple[Label, Test]:
    if which == "members" and not outcome:
        return group.label, group.members
    if which == "ineligible" and not outcome:
        return rates.INELIGIBLE.label, Test(passage.Mark.INELIGIBLE)
    for i, bar in enumerate(beside):
        if (bar.slug, "reached") == (which, outcome):
            return bar.label, funnel.came_by(group, bars, i)
    positions = {bar.slug: i for i, bar in enumerate(bars)}
    if which not in positions or outcome not in OUTCOME:
        raise NoSuchList(f"{which}.{outcome}")
    label, test = OUTCOME[outcome]
    position = positions[which]
    return label % {"stage": bars[position].label}, test(group, position)


def _last(bars: Sequence[Stage], mask: int) -> Label:
    passed = [bar.label for i, bar in enumerate(bars) if mask & passage.bit(i)]
    return passed[-1] if passed else ""
