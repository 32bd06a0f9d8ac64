"""Querysets, and the conditions of steps, as parts of larger statements."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.customers.models import Buyer

_PLACEHOLDER = re.compile("%[s%]")
NOBODY = "SELECT 0::bigint WHERE false"


def embed(rows: QuerySet[Any, Any], prefix: str) -> tuple[str, dict[str, Any]]:
    """SQL of *rows*, and its parameters under names that begin with *prefix*.

    Django numbers its placeholders, our statements name theirs; one statement can
    only have one sort.
    """
    try:
        sql, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return NOBODY, {}
    names = iter(f"{prefix}{number}" for number in range(len(values)))
    named = _PLACEHOLDER.sub(
        lambda found: "%%" if found[0] == "%%" else f"%({next(names)})s", sql
    )
    return named, {f"{prefix}{number}": value for number, value in enumerate(values)}


def passing(
    asked: Mapping[int, Q], buyers_of: str, ids: Sequence[int], *, row: str
) -> tuple[str, str, dict[str, Any]]:
    """For each step: who passes what it asks, of the buyers that *buyers_of* names.

    Returns SQL of common tables (each with a comma behind it), of branches for a CASE
    over ``row.step_id`` and ``buyer``, and their parameters.
    """
    among = RawSQL(buyers_of, (list(ids),))  # noqa: S611 - ours, with bound values
    tables: list[str] = []
    branches: list[str] = []
    values: dict[str, Any] = {}
    for step, condition in asked.items():
        people = Buyer.objects.filter(condition, pk__in=among).values("pk")
        sql, found = embed(people, f"step{step}_")
        values |= found
        tables.append(f"passing_{step} (id) AS MATERIALIZED ({sql}),")
        branches.append(
            f"WHEN {row}.step_id = {step} AND NOT EXISTS (SELECT FROM passing_{step}"
            " AS passing WHERE passing.id = buyer.id) THEN 'condition'"
        )
    return " ".join(tables), " ".join(branches), values
