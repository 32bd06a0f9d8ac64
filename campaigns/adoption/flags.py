"""What is true of one invited buyer or account, as bits of a number.

Counting asks the database once for "how many rows have which number"; every part of
every figure is then a sum in Python, and the list of names behind it is the same test
in SQL (`Test.sql`): the two cannot disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag, auto


class Flag(IntFlag):
    INELIGIBLE = auto()
    BEFORE = auto()  # in the store before being invited
    KEY = auto()
    REGISTERED = auto()
    ORDERED = auto()
    ONCE = auto()
    REPEAT = auto()
    REGULAR = auto()
    IN_STORE = auto()  # registered, or ordered online without our hearing of it
    MAY_REGISTER = auto()  # time has not run out
    MAY_ORDER = auto()
    MAY_BE_REGULAR = auto()


NOTHING = Flag(0)
#: Both keep a row out of numerator and denominator.
APART = Flag.INELIGIBLE | Flag.BEFORE


@dataclass(frozen=True, slots=True)
class Test:
    """All of ``has`` and none of ``lacks``."""

    has: int = NOTHING
    lacks: int = NOTHING

    def count(self, groups: Mapping[int, int]) -> int:
        # Plain numbers: the operators of an IntFlag cost ten times as much.
        has, lacks = int(self.has), int(self.lacks)
        return sum(
            number
            for mask, number in groups.items()
            if mask & has == has and not mask & lacks
        )

    def holds(self, mask: int) -> bool:
        return bool(self.count({mask: 1}))

    def sql(self, column: str = "mask") -> str:
        return (
            f"({column} & {int(self.has)}) = {int(self.has)}"
            f" AND ({column} & {int(self.lacks)}) = 0"
        )

    def __and__(self, other: "Test") -> "Test":
        return Test(self.has | other.has, self.lacks | other.lacks)
