"""How far a share of few can be trusted: Wilson's interval, and Newcombe's for two.

R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872 and 873-890: method 3 for one
share, method 10 for the difference of two that were found apart.
"""

from dataclasses import dataclass
from math import sqrt

#: The two-sided 95 % point of the normal distribution.
Z = 1.959963984540054
#: Below so many in either group nothing is said about a difference.
FEWEST = 10


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float

    @property
    def tells(self) -> bool:
        """Whether all of it lies on one side of zero."""
        return self.low > 0 or self.high < 0


def share(reached: int, of: int) -> Interval | None:
    """95 % interval of reached ÷ of, both ends in [0, 1]; None of nobody."""
    if not 0 <= reached <= of:
        raise ValueError("A share is of those counted.")
    if of == 0:
        return None
    rate = reached / of
    middle = rate + Z * Z / (2 * of)
    reach = Z * sqrt(rate * (1 - rate) / of + Z * Z / (4 * of * of))
    scale = 1 + Z * Z / of
    low = 0.0 if reached == 0 else (middle - reach) / scale
    high = 1.0 if reached == of else (middle + reach) / scale
    return Interval(low, high)


def difference(one: tuple[int, int], other: tuple[int, int]) -> Interval | None:
    """95 % interval of one's share less the other's; None where either is of nobody."""
    first, second = share(*one), share(*other)
    if first is None or second is None:
        return None
    p, q = one[0] / one[1], other[0] / other[1]
    down = sqrt((p - first.low) ** 2 + (second.high - q) ** 2)
    up = sqrt((first.high - p) ** 2 + (q - second.low) ** 2)
    return Interval(p - q - down, p - q + up)
