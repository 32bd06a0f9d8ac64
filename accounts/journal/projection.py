"""The four tables that are sums of the journal, and how each is computed anew."""

from collections.abc import Sequence
from dataclasses import dataclass

from . import sums
from .sums import ACCOUNT, BUYER, Whose


@dataclass(frozen=True, slots=True)
class Projection:
    """A table, its key, its other columns, and the query that sums up all events."""

    table: str
    key: Sequence[str]
    columns: Sequence[str]
    query: str

    @property
    def names(self) -> str:
        return ", ".join((*self.key, *self.columns))


def _of_progress(whose: Whose) -> Projection:
    also = ("account_id",) if whose.also else ()
    columns = (*also, *sums.COLUMNS)
    query = sums.of_progress(whose, sums.OF_ALL)
    return Projection(whose.table, (whose.key,), columns, query)


ALL = (
    _of_progress(ACCOUNT),
    _of_progress(BUYER),
    Projection(
        "journal_kindprogress",
        ("account_id", "buyer_id", "kind"),
        ("first_at", "last_at", "count"),
        sums.of_kinds(sums.OF_ALL),
    ),
    Projection(
        "journal_channelmonth",
        ("account_id", "month", "channel", "currency"),
        ("orders", "amount", "credits", "credited"),
        sums.of_months(sums.OF_ALL),
    ),
)
