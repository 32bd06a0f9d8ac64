"""Makes up eighteen months of orders before the web store reached a customer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from .people import Company

MONTHS = 18
#: How customers of a distributor order where nobody has shown them a store.
OFFLINE_CHANNELS = (
    ("phone", 44),
    ("email", 26),
    ("rep", 14),
    ("edi", 6),
    ("counter", 6),
    ("fax", 4),
)


@dataclass(frozen=True, slots=True)
class Order:
    """One document; ``person`` is the buyer's place in the company, or None."""

    company: Company
    person: int | None
    document: str
    channel: str
    placed_by: str
    amount: float
    occurred_at: datetime
    credit: bool = False


def make_offline(
    random: Random, company: Company, since: datetime, until: datetime
) -> Iterator[Order]:
    """The orders of *company* by phone, e-mail and the rest; a few returns."""
    habit = _habit(random)
    at = since + timedelta(days=random.uniform(0, company.rhythm))
    while at < until:
        at = at.replace(hour=random.randint(7, 16), minute=random.randrange(60))
        order = _order(random, company, at, habit)
        yield order
        if random.random() < 0.04:
            yield _return_of(random, order)
        at += timedelta(days=max(1.0, random.gauss(company.rhythm, company.rhythm / 4)))


def online(
    random: Random,
    company: Company,
    person: int,
    at: datetime,
    *,
    on_behalf: bool = False,
) -> Order:
    placed_by = "on_behalf" if on_behalf else "customer"
    return Order(
        company,
        person,
        _document(random),
        "online",
        placed_by,
        _amount(random, company),
        at,
    )


def _habit(random: Random) -> str:
    names, weights = zip(*OFFLINE_CHANNELS, strict=True)
    return str(random.choices(names, weights)[0])


def _order(random: Random, company: Company, at: datetime, habit: str) -> Order:
    channel = habit if random.random() < 0.8 else _habit(random)
    person = random.randrange(len(company.people)) if random.random() < 0.5 else None
    amount = _amount(random, company)
    return Order(company, person, _document(random), channel, "customer", amount, at)


def _return_of(random: Random, order: Order) -> Order:
    return Order(
        order.company,
        order.person,
        "AB" + _document(random)[2:],
        order.channel,
        order.placed_by,
        round(order.amount * random.uniform(0.1, 0.6), 2),
        order.occurred_at + timedelta(days=random.uniform(2, 20)),
        credit=True,
    )


def _amount(random: Random, company: Company) -> float:
    return round(max(12.0, random.gauss(company.size, company.size / 3)), 2)


def _document(random: Random) -> str:
    return f"FV{random.randrange(10**9):09d}"
