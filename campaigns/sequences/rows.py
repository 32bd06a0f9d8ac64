"""One line of what an audience or a step asks."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a rule."""

    condition: str
    value: Any
    negated: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "condition": self.condition,
            "value": self.value,
            "not": self.negated,
        }
