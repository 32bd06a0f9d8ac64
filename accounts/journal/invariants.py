"""What must always be true, asked of the live database by ``manage.py audit``.

Every app registers its own invariants from its AppConfig's ``ready``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

#: How many broken cases a report names.
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Broken:
    """How many cases break an invariant, and the first of them: ids, never names."""

    count: int
    examples: Sequence[str] = ()


Check = Callable[[datetime], Broken]


@dataclass(frozen=True, slots=True)
class Invariant:
    code: str
    sentence: str
    check: Check = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    invariant: Invariant
    broken: Broken

    @property
    def holds(self) -> bool:
        return self.broken.count == 0


_registered: dict[tuple[str, str], Invariant] = {}


def register(code: str, sentence: str, function: Check) -> None:
    """Add an invariant; a code such as "I8" may hold several sentences.

    ``function(at)`` looks and changes nothing; `count` makes it from a query.
    """
    _registered[code, sentence] = Invariant(code, sentence, function)


def registered() -> list[Invariant]:
    return [one for _, one in sorted(_registered.items(), key=lambda item: item[0])]


def audit(at: datetime) -> list[Finding]:
    """Ask all of them, in one snapshot of the database."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            _freeze()
        return [Finding(one, one.check(at)) for one in registered()]


def _freeze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def count(query: str, parameters: Mapping[str, Any] | None = None) -> Broken:
    """`query` gives one text per broken case, such as "delivery 17"."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH broken (example) AS MATERIALIZED ({query}) "  # noqa: S608 - ours
            "SELECT (SELECT count(*) FROM broken), "
            f"ARRAY(SELECT example::text FROM broken ORDER BY 1 LIMIT {EXAMPLES})",
            parameters or {},
        )
        number, examples = cursor.fetchone()
    return Broken(number, tuple(examples))
