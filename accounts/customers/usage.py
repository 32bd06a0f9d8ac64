"""Who uses accounts and buyers, asked before an import is undone.

Rows whose foreign key protects an account or a buyer are found by themselves. Who
builds on them in another way (events without a foreign key, files, counters) says so
in its AppConfig.ready; what nobody uses may go, with the rows that cascade.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from django.db.models import PROTECT, RESTRICT, ForeignObjectRel

from .models import Account, Buyer

Model = Literal["account", "buyer"]
#: Takes the model and ids of its rows, returns those in use.
Ask = Callable[[Model, Sequence[int]], set[int]]

_MODELS: dict[Model, type[Account | Buyer]] = {"account": Account, "buyer": Buyer}
_asked: dict[str, Ask] = {}


def register(name: str, ask: Ask) -> None:
    """Have *ask* asked; the name is unique, a second registration replaces it."""
    _asked[name] = ask


def used(model: Model, ids: Sequence[int]) -> set[int]:
    """Those of *ids* that somebody builds on. An account's buyers are no use of it."""
    found: set[int] = set()
    for relation in _protecting(_MODELS[model]):
        rows: Any = relation.related_model._base_manager
        name = relation.field.attname
        found |= set(rows.filter(**{f"{name}__in": ids}).values_list(name, flat=True))
    for ask in _asked.values():
        found |= ask(model, ids)
    return found


def _protecting(model: type[Account | Buyer]) -> Iterator[ForeignObjectRel]:
    for field in model._meta.get_fields(include_hidden=True):
        if (
            isinstance(field, ForeignObjectRel)
            and field.related_model is not Buyer
            and getattr(field, "on_delete", None) in {PROTECT, RESTRICT}
        ):
            yield field
