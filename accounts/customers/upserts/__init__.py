"""Accounts and buyers from outside, many at a time: insert, change, leave.

What came in lies in the staging tables, NULL meaning "not said": only what was said
can change anything, and an empty cell wipes nothing. `match` says what would happen,
`write` does it; both are a handful of statements for any number of rows.
"""

from .match import match
from .stage import AccountLine, BuyerLine, clear, draw_stage, fill, sweep
from .upsert import Item, Outcome, upsert
from .write import Written, write

__all__ = [
    "AccountLine",
    "BuyerLine",
    "Item",
    "Outcome",
    "Written",
    "clear",
    "draw_stage",
    "fill",
    "match",
    "sweep",
    "upsert",
    "write",
]
