"""Quantities as they were typed, and what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from .goods import GOODS, Article

MOST = 999


@dataclass(frozen=True, slots=True)
class Line:
    article: Article
    quantity: int

    @property
    def amount(self) -> Decimal:
        return self.article.price * self.quantity


@dataclass(frozen=True, slots=True)
class Basket:
    lines: tuple[Line, ...]

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))


def read(posted: Mapping[str, str]) -> Basket:
    """From fields named by article number; what is not a number counts as nothing."""
    lines = (Line(each, _quantity(posted.get(each.number, ""))) for each in GOODS)
    return Basket(tuple(line for line in lines if line.quantity))


def _quantity(typed: str) -> int:
    typed = typed.strip()
    if not (typed.isascii() and typed.isdigit()):
        return 0
    return min(int(typed[:6]), MOST)
