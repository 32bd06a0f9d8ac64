"""What each app holds of a person, and what becomes of it when she is erased.

Every app says it of its own tables, in its `privacy.py`; the export, the page that
shows beforehand what erasing does, the erasing itself, its sweep afterwards and the
audit read the same. A test walks all models and fails for one that is missing here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from accounts.staff.models import User

from .people import Person

Rows = QuerySet[Any]
Text = str | Promise


class Fate(StrEnum):
    """What becomes of rows when their person is erased."""

    GOES = "goes"
    BLANKED = "blanked"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Deed:
    """An erasure: when, and by whom; nobody, where it is only swept up after."""

    at: datetime
    by: User | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """Rows of one model that speak of persons.

    ``path`` leads from a row to its buyer ("delivery__buyer"; "pk" for the buyer
    herself). ``find`` are rows that speak of her without leading to her. ``why``
    says to people what becomes of them and why.

    They are deleted (``goes``), or ``blank`` gives columns other values; what is less
    simple is a ``deed``. Both happen again and again, and must not mind. ``keeps``
    names the columns of text that stay, since nothing of a person is in them.
    Columns in which others may stand, too (``of_others``), are not handed out, nor is
    what we think of her company (``of_company``): neither is about her.
    ``of_erased`` are the rows of all erased buyers, where ``path`` cannot tell. Where
    senders or providers write on after the erasure (``comes_late``), it is swept.
    What takes its time is done ``later``, by other means (`files`).
    ``stands`` are those of the rows that a deed should have ended: the audit asks.
    Rows that a person without a buyer is found in by nothing but a keyed hash
    (``by_hash``) are no reason to erase her.
    """

    model: type[Model]
    why: Text
    called: Text = ""
    path: str = ""
    find: Callable[[Person], Rows] | None = None
    blank: Mapping[str, Any] = field(default_factory=dict)
    goes: bool = False
    deed: Callable[[Rows, Deed], int] | None = None
    keeps: Sequence[str] = ()
    of_others: Sequence[str] = ()
    of_company: Sequence[str] = ()
    of_erased: Callable[[], Rows] | None = None
    comes_late: bool = False
    later: bool = False
    stands: Callable[[Rows], Rows] | None = None
    by_hash: bool = False

    @property
    def fate(self) -> Fate:
        if self.goes:
            return Fate.GOES
        return Fate.BLANKED if self.blank or self.deed else Fate.STAYS

    @property
    def label(self) -> str:
        """Tables of which nobody else hears have a name for this page alone."""
        return str(self.called or self.model._meta.verbose_name_plural)

    @property
    def rows(self) -> Rows:
        return self.model._base_manager.all()

    def of(self, person: Person) -> Rows:
        """The rows that speak of *person*.

        Found each by its own index: one condition with an "or" would read whole
        tables, the journal among them.
        """
        if self.find is None:
            return self.rows.filter(**{self.path: person.pk})
        if not self.path:
            return self.find(person)
        ways = (self.rows.filter(**{self.path: person.pk}), self.find(person))
        found = {pk for rows in ways for pk in rows.values_list("pk", flat=True)}
        return self.rows.filter(pk__in=found)

    def of_the_erased(self) -> Rows:
        """The rows of all who were erased, as far as they can be told."""
        if self.of_erased is not None:
            return self.of_erased()
        if not self.path:
            return self.rows.none()
        to_buyer = "" if self.path == "pk" else f"{self.path}__"
        return self.rows.filter(**{f"{to_buyer}erased_at__isnull": False})

    def left(self) -> list[Rows]:
        """What is there of the erased where nothing should be."""
        rows = self.of_the_erased()
        found = [rows] if self.goes and not self.later else []
        if self.blank:
            found.append(rows.exclude(**self.blank))
        if self.stands is not None:
            found.append(self.stands(rows))
        return found

    def erase(self, rows: Rows, deed: Deed) -> int:
        """Delete or blank *rows*; how many had anything to lose."""
        changed = self.deed(rows, deed) if self.deed else 0
        if self.goes:
            return changed + rows.delete()[0]
        if self.blank:
            changed += rows.exclude(**self.blank).update(**self.blank)
        return changed


Listener = Callable[[Person, Deed], None]
#: Sentences about what is under way and will end.
UnderWay = Callable[[Person], Sequence[str]]
#: Who is no buyer and called by the store's id: by this one, or by any.
Called = Callable[[str | None], Iterable[Person]]
#: How many things of an erased buyer are on the wire yet.
OnTheWire = Callable[[int], int]

_holdings: dict[type[Model], Holding] = {}
_listeners: dict[str, Listener] = {}
_under_way: dict[str, UnderWay] = {}
_on_the_wire: dict[str, OnTheWire] = {}
_called: dict[str, Called] = {}


def register(*holdings: Holding) -> None:
    """Call it from an AppConfig's ``ready``. A model is held once."""
    for each in holdings:
        if _holdings.setdefault(each.model, each) is not each:
            raise ValueError(f"{each.model._meta.label} is registered twice.")


def listen(name: str, function: Listener) -> None:
    """Have *function* called when somebody is erased, in the same transaction."""
    _listeners[name] = function


def tell_under_way(name: str, function: UnderWay) -> None:
    _under_way[name] = function


def watch_wire(name: str, function: OnTheWire) -> None:
    _on_the_wire[name] = function


def know_by_id(name: str, function: Called) -> None:
    _called[name] = function


def registered() -> list[Holding]:
    """In the order in which they are erased: the buyer herself first."""
    return sorted(_holdings.values(), key=lambda each: each.path != "pk")


def holding(model: type[Model]) -> Holding:
    return _holdings[model]


def tell(person: Person, deed: Deed) -> None:
    for function in _listeners.values():
        function(person, deed)


def under_way(person: Person) -> list[str]:
    return [said for function in _under_way.values() for said in function(person)]


def on_the_wire(buyer_id: int) -> int:
    return sum(function(buyer_id) for function in _on_the_wire.values())


def called(external_id: str | None = None) -> list[Person]:
    """Whom the apps know by the store's id alone."""
    found = {person for each in _called.values() for person in each(external_id)}
    return sorted(found, key=lambda one: (one.account_number, one.external_id))
