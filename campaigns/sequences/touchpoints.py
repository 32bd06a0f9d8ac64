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

Label = str | Promise


@dataclass(frozen=True, slots=True)
class Recipient:
    """The facts of one delivery that links are made from. No names, no address."""

    delivery_id: int
    delivery_uuid: UUID
    buyer_id: int
    buyer_uuid: UUID
    account_id: int
    campaign_id: int | None
    language: str


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
class Condition:
    """Something true or false of a buyer at an instant, for steps and audiences.

    ``q(value, at)`` is a `Q` over `Buyer`; ``field()`` the form field by which a
    person enters the value (a `BooleanField` for plain yes or no).
    """

    slug: str
    label: Label
    field: Callable[[], forms.Field]
    q: Callable[[Any, datetime], Q]


@dataclass(frozen=True, slots=True)
class Stage:
    """A bar of the campaign funnel: a time kept on the enrolment row."""

    slug: str
    label: Label
    column: str
    order: int


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
    cards: Sequence[Card] = ()
    starters: Sequence[Starter] = field(default=())


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


def cards() -> list[Card]:
    found = [card for touchpoint in installed() for card in touchpoint.cards]
    return sorted(found, key=lambda card: card.order)
