"""Amounts of money, as they are read and as they are kept."""

import re
from decimal import Decimal
from typing import Any

#: At most so many decimals, so that sums are exact; and what a document can be worth.
DECIMALS = 4
FORM = r"-?\d{1,12}(\.\d{1,4})?"
_FORM = re.compile(FORM)
_CENT = Decimal("0.01")


class BadAmount(ValueError):
    """Not an amount we take."""


def read(value: Any) -> Decimal:
    """From text or a number of JSON: no exponent, no infinity, no underscores."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadAmount
    text = repr(value) if isinstance(value, float) else str(value).strip()
    if _FORM.fullmatch(text) is None:
        raise BadAmount
    return Decimal(text)


def write(amount: Decimal) -> str:
    """The one way to write it: 12.5 and "12.500" are "12.50", and 0.125 is "0.125"."""
    plain = amount.normalize()
    cents = plain.quantize(_CENT)
    return f"{cents if cents == plain else plain:f}"
