"""How made-up customers answer a mail: who opens, accepts, registers and orders.

A company's *appetite* drives it all; the chances are set so that a campaign ends
with the figures a distributor would believe, not with the ones it would like.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from . import orders
from .orders import Order
from .people import Company


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a buyer does: "seen", "accepted", "registered" or "logged_in"."""

    kind: str
    company: Company
    person: int
    occurred_at: datetime


def answer_invitation(
    random: Random, company: Company, person: int, sent_at: datetime
) -> Iterator[Deed]:
    """What one mail with a personal link leads to; often nothing at all."""
    appetite = company.appetite
    at = sent_at
    for kind, chance, hours in (
        ("seen", 0.25 + 0.35 * appetite, 20),
        ("accepted", 0.45 + 0.40 * appetite, 0.05),
        ("registered", 0.65 + 0.25 * appetite, 6),
    ):
        if random.random() > chance:
            return
        at += timedelta(hours=random.expovariate(1 / hours))
        yield Deed(kind, company, person, at)


def live_online(
    random: Random, company: Company, person: int, since: datetime, until: datetime
) -> Iterator[Deed | Order]:
    """Log-ins and orders of a registered buyer; some never get to the first order."""
    if random.random() > 0.25 + 0.50 * company.appetite:
        yield from _look_around(random, company, person, since, until)
        return
    stays = random.random() < company.appetite + 0.15
    at = since + timedelta(days=random.expovariate(1 / 5))
    while at < until:
        yield Deed("logged_in", company, person, at)
        at += timedelta(minutes=random.randint(4, 40))
        by_rep = random.random() < 0.05
        yield orders.online(random, company, person, at, on_behalf=by_rep)
        if not stays:
            return
        at += timedelta(days=max(1.0, random.gauss(company.rhythm, 4)))


def _look_around(
    random: Random, company: Company, person: int, since: datetime, until: datetime
) -> Iterator[Deed]:
    at = since + timedelta(days=random.expovariate(1 / 6))
    for _visit in range(random.randrange(3)):
        if at < until:
            yield Deed("logged_in", company, person, at)
        at += timedelta(days=random.expovariate(1 / 10))
