"""What a touchpoint declares, and the registry of those installed.

A touchpoint is an app with a module ``touchpoint.py`` that holds one
`Touchpoint` named ``touchpoint``; ``settings.TOUCHPOINTS`` lists the apps. It
reaches messages, steps, audiences, the personal page and the reports only
through what it declares here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise

from accounts.customers.models import Buyer
from campaigns.sequences.rows import Row

Label = str | Promise


@dataclass(frozen=True, slots=True)
class Recipient:
    """The facts of one delivery that links are made from. No names, no address.

    ``notice`` is the cause of a message without a campaign, as its touchpoint named
    it; ``subject`` what the enrolment is about, such as a seat.
    """

    delivery_id: int
    delivery_uuid: UUID
    buyer_id: int
    buyer_uuid: UUID
    account_id: int
    campaign_id: int | None
    language: str
    notice: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """``{{ links.<name> }}`` in messages.

    ``urls`` gets a whole chunk at once and returns delivery id → absolute URL; it
    may write rows (an invitation), in a fixed number of statements per chunk.
    ``sample`` is what previews show. ``sent`` hears, in the transaction that
    settles them, which deliveries that carry this link were handed over.
    """

    name: str
    label: Label
    urls: Callable[[Sequence[Recipient]], Mapping[int, str]]
    sample: Callable[[], str]
    sent: Callable[[Sequence[Recipient], datetime], None] | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One of the values of `Facts`: what people read, and what previews show."""

    name: str
    label: Label
    sample: Label


@dataclass(frozen=True, slots=True)
class Facts:
    """``{{ <name>.<fact> }}`` in messages: what a delivery is about, in words.

    ``of`` gets a whole chunk at once, in a fixed number of statements, and returns
    delivery id → fact → text in the recipient's language, None where there is none.
    """

    name: str
    facts: Sequence[Fact]
    of: Callable[[Sequence[Recipient]], Mapping[int, Mapping[str, str | None]]]
    #: What they are about, as it entitles them where messages are written.
    label: Label = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """What a touchpoint does by the clock: ``deed(at)`` does some of what is due and
    says how much. The dispatcher asks every few seconds; repeats do no harm.
    """

    name: str
    deed: Callable[[datetime], int]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment of a buyer's own that steps wait for, such as a session's start.

    ``moments`` is SQL of (buyer_id, subject, moment): one row for whatever a buyer has
    of the kind, NULL while its moment is not known. A subject that is not in it is
    over: given up, called off or long past. It may ask for %(at)s; never input.
    """

    slug: str
    label: Label
    moments: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What brings buyers into running campaigns one by one, such as booking a seat.

    ``subjects`` is SQL of (buyer_id, account_id, subject, since); see `Anchor`.
    """

    slug: str
    label: Label
    subjects: str


@dataclass(frozen=True, slots=True)
class Condition:
    """Something true or false of a buyer at an instant, for steps and audiences.

    ``q(value, at)`` is a `Q` over `Buyer`; ``field()`` the form field by which a
    person enters the value (a `BooleanField` for plain yes or no). Of yes or no,
    ``label`` is the sentence that says yes, and ``no`` the one that says no.
    """

    slug: str
    label: Label
    field: Callable[[], forms.Field]
    q: Callable[[Any, datetime], Q]
    no: Label = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A bar of the campaign funnel: a time kept on the enrolment row."""

    slug: str
    label: Label
    column: str
    order: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar beside the funnel of campaigns in which the touchpoint has a part.

    Not every way leads through it, such as a seat booked: who came further without it
    is not counted as having passed it. ``times`` is SQL of (buyer_id, subject, at),
    found by its buyer; never input. Of who is enrolled for a subject only that one
    counts; of others what came after the campaign's first message to them.
    """

    slug: str
    label: Label
    times: str


@dataclass(frozen=True, slots=True)
class Card:
    """A block on the customer's personal page; ``context`` None hides it."""

    template: str
    context: Callable[[Buyer, datetime], Mapping[str, Any] | None]
    order: int = 100


@dataclass(frozen=True, slots=True)
class Starter:
    """A message shipped ready to use: language → (subject, preheader, body)."""

    slug: str
    label: Label
    texts: Mapping[str, tuple[str, str, str]]
    service: bool = False


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """``starter`` is "touchpoint.slug" of the message it begins with."""

    starter: str
    name: Label
    wait_days: int = 0
    only_if: tuple[Row, ...] = ()
    anchor: str = ""
    anchor_minutes: int = 0
    late_after_hours: int = 48


@dataclass(frozen=True, slots=True)
class Playbook:
    slug: str
    label: Label
    description: Label
    goal: str
    audience: tuple[Row, ...]
    steps: tuple[PlannedStep, ...]
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of journal event that the touchpoint writes."""

    slug: str
    label: Label


@dataclass(frozen=True, slots=True)
class Touchpoint:
    slug: str
    label: Label
    kinds: Sequence[Kind] = ()
    links: Sequence[Link] = ()
    conditions: Sequence[Condition] = ()
    stages: Sequence[Stage] = ()
    bars: Sequence[Bar] = ()
    cards: Sequence[Card] = ()
    starters: Sequence[Starter] = field(default=())
    facts: Sequence[Facts] = ()
    ticks: Sequence[Tick] = ()
    anchors: Sequence[Anchor] = ()
    entries: Sequence[Entry] = ()
    playbooks: Sequence[Playbook] = ()


@cache
def installed() -> tuple[Touchpoint, ...]:
    """The touchpoints of ``settings.TOUCHPOINTS``, in that order."""
    return tuple(
        import_module(f"{app}.touchpoint").touchpoint for app in settings.TOUCHPOINTS
    )


def links() -> Iterator[Link]:
    for touchpoint in installed():
        yield from touchpoint.links


def conditions() -> Iterator[Condition]:
    for touchpoint in installed():
        yield from touchpoint.conditions


def stages() -> Iterator[Stage]:
    for touchpoint in installed():
        yield from touchpoint.stages


def starter(touchpoint: str, slug: str) -> Starter:
    """The message that *touchpoint* ships; raises `LookupError` for none."""
    for each in installed():
        for one in each.starters if each.slug == touchpoint else ():
            if one.slug == slug:
                return one
    raise LookupError(f"No touchpoint ships the message “{touchpoint}.{slug}”.")


def facts() -> Iterator[Facts]:
    for touchpoint in installed():
        yield from touchpoint.facts


def ticks() -> Iterator[Tick]:
    for touchpoint in installed():
        yield from touchpoint.ticks


def anchors() -> dict[str, Anchor]:
    return {one.slug: one for each in installed() for one in each.anchors}


def entries() -> dict[str, Entry]:
    return {one.slug: one for each in installed() for one in each.entries}


def playbooks() -> Iterator[Playbook]:
    for touchpoint in installed():
        yield from touchpoint.playbooks


def cards() -> list[Card]:
    found = [card for touchpoint in installed() for card in touchpoint.cards]
    return sorted(found, key=lambda card: card.order)
