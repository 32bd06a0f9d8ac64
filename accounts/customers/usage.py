"""Who uses accounts and buyers, asked before an import is undone.

An app above says in its AppConfig.ready which of them it builds on; what nobody
uses may go.
"""

from collections.abc import Callable, Sequence
from typing import Literal

Model = Literal["account", "buyer"]
#: Takes the model and ids of its rows, returns those in use.
Ask = Callable[[Model, Sequence[int]], set[int]]

_asked: dict[str, Ask] = {}


def register(name: str, ask: Ask) -> None:
    """Have *ask* asked; the name is unique, a second registration replaces it."""
    _asked[name] = ask


def used(model: Model, ids: Sequence[int]) -> set[int]:
    """Those of *ids* that somebody builds on."""
    found: set[int] = set()
    for ask in _asked.values():
        found |= ask(model, ids)
    return found
