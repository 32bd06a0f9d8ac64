"""Which staged rows a statement takes: those of a stage, between two numbers."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from accounts.customers.countries import SPANISH_SPEAKING


@dataclass(frozen=True, slots=True)
class Span:
    """Rows of *stage* with ``after < number_key <= upto``; None is no bound."""

    stage: int
    after: str | None = None
    upto: str | None = None

    @property
    def where(self) -> str:
        """For a staged table that goes by the name of s."""
        bounds = ["s.stage = %(stage)s"]
        if self.after is not None:
            bounds.append("s.number_key > %(after)s")
        if self.upto is not None:
            bounds.append("s.number_key <= %(upto)s")
        return " AND ".join(bounds)

    def values(self, **more: Any) -> dict[str, Any]:
        return {
            "stage": self.stage,
            "after": self.after,
            "upto": self.upto,
            "zone": settings.TIME_ZONE,
            "house_language": settings.LANGUAGE_CODE,
            "spanish": sorted(SPANISH_SPEAKING),
            **more,
        }


def cut(stage: int, size: int) -> list[Span]:
    """The stage in spans of about *size* accounts, in the order of their numbers.

    Every writer takes accounts in this order, so that two never wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT number_key FROM (
                SELECT number_key, row_number() OVER (ORDER BY number_key) AS place
                FROM customers_stagedaccount
                WHERE stage = %s AND action IS DISTINCT FROM 'folded'
            ) AS numbered
            WHERE place %% %s = 0 ORDER BY number_key
            """,
            [stage, size],
        )
        edges: list[str | None] = [row[0] for row in cursor.fetchall()]
    return [
        Span(stage, after, upto)
        for after, upto in zip([None, *edges], [*edges, None], strict=True)
    ]
