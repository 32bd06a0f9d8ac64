"""The kinds of files that can be imported, and the work each of them means.

An app registers its kind in `AppConfig.ready`:

    jobs.register(Kind(slug="orders", label=…, fields=ORDER_FIELDS, check=…, …))

The upload page, the matching of columns, the states, progress, cancel, leases and
undo belong to everybody (`lifecycle`); a kind brings its fields and three functions.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise

from . import readers
from .models import CustomerImport

Counts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """What a column can be matched to; ``headers`` are names it usually has.

    Beside a column for the field ``beside``, the names of ``headers_beside`` mean this
    field as well, whatever they mean elsewhere. Headers are written folded: see
    `columns.fold`.
    """

    slug: str
    label: str | Promise
    headers: frozenset[str] = frozenset()
    required: bool = False
    beside: str = ""
    headers_beside: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Option:
    """How values of a file are to be read; ``field`` makes its form field.

    What is true of one file only is not ``remembered`` for the next one like it.
    """

    slug: str
    field: Callable[[], forms.Field]
    default: Any = None
    remembered: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list on the import's page; ``changes`` are (field, from, to)."""

    line: int
    title: str
    href: str = ""
    changes: Sequence[tuple[str | Promise, str, str]] = ()
    note: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number on the import's page: a key of ``counts`` under its label.

    With ``lines``, the number opens a list: *lines* takes the import and returns
    something that has a length and gives `Line` objects when it is sliced.
    """

    count: str
    label: str | Promise
    lines: Callable[[CustomerImport], Any] | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One file under way, as the functions of its kind see it.

    ``beat(done)`` reports progress and keeps the lease; call it every few thousand
    rows. It raises where somebody cancelled: let it pass.
    """

    batch: CustomerImport
    at: datetime
    beat: Callable[[int], None]

    def rows(self) -> Iterator[readers.Row]:
        return readers.open(self.batch)

    @property
    def columns(self) -> dict[str, int]:
        """Which column (from 0) was matched to a field."""
        matched: Mapping[str, int] = self.batch.mapping
        return dict(matched)

    @property
    def options(self) -> dict[str, Any]:
        defaults = {each.slug: each.default for each in kind(self.batch.kind).options}
        return {**defaults, **self.batch.options}

    def header_of(self, slug: str) -> str:
        """The name, in this file, of the column matched to a field."""
        index = self.columns.get(slug)
        return "" if index is None else self.batch.header[index]


@dataclass(frozen=True, slots=True)
class Kind:
    """``check`` reads the file and changes nothing but issues and its own staging.

    ``apply`` and ``undo`` run in one transaction each, which the change of state
    joins. All three return figures for ``counts``. ``guess`` returns options from
    the header, samples and matched columns. Without ``undo`` none is offered;
    ``declares_basis`` asks for the legal basis. ``figures`` are shown in their order.
    ``prepare`` may hand back another text than the file's: a list cut out of a report.
    """

    slug: str
    label: str | Promise
    fields: Sequence[Field]
    check: Callable[[Job], Counts]
    apply: Callable[[Job], Counts]
    undo: Callable[[Job], Counts] | None = None
    options: Sequence[Option] = ()
    guess: Callable[[readers.Look, Mapping[str, int]], dict[str, Any]] | None = None
    declares_basis: bool = False
    figures: Sequence[Figure] = ()
    prepare: Callable[[readers.Source], bytes | None] | None = None
    required: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        needed = frozenset(each.slug for each in self.fields if each.required)
        object.__setattr__(self, "required", needed)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.slug] = kind


def kind(slug: str) -> Kind:
    return _kinds[slug]


def kinds() -> list[Kind]:
    return list(_kinds.values())
