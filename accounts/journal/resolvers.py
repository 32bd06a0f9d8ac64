"""Other ways to name a buyer than by e-mail or id: what lies above registers them."""

from collections.abc import Callable, Mapping, Sequence

#: From references to (account id, buyer id), for those that are known.
Resolve = Callable[[Sequence[str]], Mapping[str, tuple[int, int]]]

_registered: dict[str, Resolve] = {}


def register_buyer_resolver(name: str, function: Resolve) -> None:
    """Let reports name a buyer by ``name``, such as "invitation"."""
    _registered[name] = function


def resolve(name: str, references: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    """Those of these references that somebody knows."""
    function = _registered.get(name)
    return function(references) if function and references else {}
