"""What follows from events: functions that get them in batches, once each.

A reaction is called in the transaction that takes its events out of the inbox, after
the progress rows know of them: its effects and the taking out commit together. It
gets many facts at once and works in sets; it may be given the same account in several
batches, in any order of ``occurred_at``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple


class Fact(NamedTuple):
    """An event as reactions see it. With ``corrects``, the account has it already.

    A tuple, because thousands of them are made at a time.
    """

    event_id: int
    kind: str
    account_id: int
    buyer_id: int | None
    occurred_at: datetime
    recorded_at: datetime
    cause: str = ""
    data: Mapping[str, Any] = MappingProxyType({})
    corrects: int | None = None


React = Callable[[Sequence[Fact], datetime], None]


#: None: all of them. A function, where apps that come later still add to them.
Kinds = frozenset[str] | Callable[[], frozenset[str]] | None


@dataclass(frozen=True, slots=True)
class Reaction:
    name: str
    kinds: Kinds
    function: React

    def wanted(self, facts: Sequence[Fact]) -> Sequence[Fact]:
        kinds = self.kinds() if callable(self.kinds) else self.kinds
        if kinds is None:
            return facts
        return [fact for fact in facts if fact.kind in kinds]


_registered: dict[str, Reaction] = {}


def register(
    name: str,
    kinds: Iterable[str] | Callable[[], frozenset[str]] | None,
    function: React,
) -> None:
    """Have ``function(facts, at)`` called with events of these kinds.

    Call it from an AppConfig's ``ready``. The name stays in the rows of events set
    aside: keep it when the function moves.
    """
    wanted = kinds if kinds is None or callable(kinds) else frozenset(kinds)
    reaction = Reaction(name, wanted, function)
    if _registered.setdefault(name, reaction) != reaction:
        raise ValueError(f"The reaction “{name}” is registered twice, differently.")


def registered() -> Mapping[str, Reaction]:
    """In the order of registration, which is the order of calling."""
    return dict(_registered)
