"""The four tables that are sums of the journal, and how each is computed anew."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from . import sums
from .sums import ACCOUNT, BUYER, Whose


@dataclass(frozen=True, slots=True)
class Projection:
    """A table, its key, its other columns, and the query that sums up facts."""

    table: str
    key: Sequence[str]
    columns: Sequence[str]
    of: Callable[[str], str]

    @property
    def names(self) -> str:
        return ", ".join((*self.key, *self.columns))


def _of_progress(whose: Whose) -> Projection:
    also = ("account_id",) if whose.also else ()
    columns = (*also, *sums.COLUMNS)
    query = partial(sums.of_progress, whose)
    return Projection(whose.table, (whose.key,), columns, query)


ALL = (
    _of_progress(ACCOUNT),
    _of_progress(BUYER),
    Projection(
        "journal_kindprogress",
        ("account_id", "buyer_id", "kind"),
        ("first_at", "last_at", "count"),
        sums.of_kinds,
    ),
    Projection(
        "journal_channelmonth",
        ("account_id", "month", "channel", "currency"),
        ("orders", "amount", "credits", "credited"),
        sums.of_months,
    ),
)
