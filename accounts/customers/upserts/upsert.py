"""The door for callers that bring rows themselves: the API, the demo."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.customers import signals

from . import folding
from .match import match
from .span import Span
from .stage import AccountLine, BuyerLine, clear, draw_stage, fill
from .write import write

PATIENCE = "3s"


@dataclass(frozen=True, slots=True)
class Item:
    """An account and any number of its buyers, as fields of the staged lines.

    Values are checked already (`importing`, `api`); what is absent is not said.
    """

    number_key: str
    account: dict[str, Any]
    buyers: Sequence[dict[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """``action`` as in `upserts.match`; ``buyers`` are (buyer's id, action)."""

    account_id: int | None
    action: str
    buyers: tuple[tuple[int | None, str], ...] = ()


def upsert(
    items: Sequence[Item],
    at: datetime,
    source: str,
    declared: signals.LegalBasis | None = None,
) -> list[Outcome]:
    """Write the items, in one transaction; what became of each, in their order.

    Of an account or buyer named twice the first counts. *declared* is passed on to
    consent; without it no buyer may be written to until somebody says so.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        stage = draw_stage()
        fill(
            [
                AccountLine(
                    stage=stage, line=i, number_key=item.number_key, **item.account
                )
                for i, item in enumerate(items)
            ],
            [
                BuyerLine(stage=stage, line=i, number_key=item.number_key, **buyer)
                for i, item in enumerate(items)
                for buyer in item.buyers
            ],
        )
        folding.fold(stage)
        span = Span(stage)
        match(span)
        write(span, at, source)
        if declared is not None:
            signals.customers_written.send(
                sender=upsert, stage=stage, declared=declared, at=at
            )
        outcomes = _outcomes(stage, len(items))
        clear(stage)
    return outcomes


def _outcomes(stage: int, count: int) -> list[Outcome]:
    accounts: list[tuple[int | None, str]] = [(None, "refused")] * count
    buyers: list[list[tuple[int | None, str]]] = [[] for _ in range(count)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT line, account_id, action FROM customers_stagedaccount"
            " WHERE stage = %s",
            [stage],
        )
        for line, account_id, action in cursor.fetchall():
            accounts[line] = (account_id, action)
        cursor.execute(
            "SELECT line, buyer_id, action FROM customers_stagedbuyer"
            " WHERE stage = %s ORDER BY id",
            [stage],
        )
        for line, buyer_id, action in cursor.fetchall():
            buyers[line].append((buyer_id, action))
    return [
        Outcome(account_id, action, tuple(people))
        for (account_id, action), people in zip(accounts, buyers, strict=True)
    ]
