"""What the stand-in store remembers of one visitor, in her session."""

import json
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .goods import money

NAME = "demo_store"
KINDS = {
    "registered": _("Registered"),
    "logged_in": _("Logged in"),
    "ordered": _("Ordered"),
}
WAYS = {
    ("online", "customer"): _("online"),
    ("phone", "customer"): _("by phone"),
    ("online", "on_behalf"): _("online, by the sales rep"),
}
STATES = {
    "waiting": _("waiting"),
    "recorded": _("recorded"),
    "repeated": _("known already"),
    "conflict": _("conflict"),
    "unmatched": _("kept until the customer is known"),
    "refused": _("refused"),
}
MOST_CUSTOMERS = 6
MOST_REPORTS = 6


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who registered here; ``invitation`` is the reference she came with."""

    number: str
    company: str
    email: str
    name: str
    invitation: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """An event and what the API said of it; "waiting" until it said anything."""

    event: dict[str, Any]
    state: str = "waiting"
    detail: str = ""

    @property
    def label(self) -> str | Promise:
        """What happened; of an order also on which channel, and for how much."""
        kind = KINDS[self.event["kind"]]
        if "amount" not in self.event:
            return kind
        way = WAYS[self.event["channel"], self.event["placed_by"]]
        return f"{kind} · {way} · {money(Decimal(self.event['amount']))}"

    @property
    def state_label(self) -> str | Promise:
        return STATES.get(self.state, self.state)

    @property
    def text(self) -> str:
        """As it went over the wire, spread over lines."""
        return json.dumps(self.event, indent=2, ensure_ascii=False)


@dataclass
class Shelf:
    customers: list[Customer] = field(default_factory=list)
    current: int | None = None
    reports: list[Report] = field(default_factory=list)

    @property
    def customer(self) -> Customer | None:
        return None if self.current is None else self.customers[self.current]

    @property
    def waiting(self) -> list[Report]:
        return [report for report in self.reports if report.state == "waiting"]

    def enter(self, customer: Customer) -> None:
        """Log her in, as the one used last."""
        others = [known for known in self.customers if known != customer]
        self.customers = [customer, *others][:MOST_CUSTOMERS]
        self.current = 0

    def leave(self) -> None:
        self.current = None

    def add(self, *events: dict[str, Any]) -> None:
        """Newest first. What still waits is kept however much there is of it."""
        self.reports = [*(Report(event) for event in reversed(events)), *self.reports]
        settled = [report for report in self.reports if report.state != "waiting"]
        forgotten = settled[MOST_REPORTS:]
        self.reports = [each for each in self.reports if each not in forgotten]


def read(session: SessionBase) -> Shelf:
    kept = session.get(NAME) or {}
    return Shelf(
        customers=[Customer(**one) for one in kept.get("customers", [])],
        current=kept.get("current"),
        reports=[Report(**one) for one in kept.get("reports", [])],
    )


def write(session: SessionBase, shelf: Shelf) -> None:
    session[NAME] = asdict(shelf)
