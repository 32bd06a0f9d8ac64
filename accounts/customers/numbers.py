"""Customer numbers: how they are written, and when two of them are the same."""

LONGEST = 40


def key_of(number: str) -> str:
    """By which accounts are told apart: no outer blanks, no case."""
    return number.strip().casefold()


def strip_zeros(number: str) -> str:
    """Without the leading zeros which some ERP systems fill numbers up with."""
    return number.lstrip("0") or number[-1:]
