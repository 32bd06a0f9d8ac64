"""Which column holds what: guessed from names and samples, or remembered."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

from django.db.models.functions import Now

from .countries import fold
from .jobs import Kind, kind
from .models import CustomerImport, ImportMapping
from .readers import Look


def propose(of: Kind, seen: Look) -> tuple[dict[str, int], dict[str, Any]]:
    """Columns and options as somebody matched them last time, else as guessed."""
    known = ImportMapping.objects.filter(
        kind=of.slug, header_key=key_of(seen.header)
    ).first()
    if known is not None:
        return dict(known.mapping), dict(known.options)
    mapping = guess(of, seen)
    return mapping, of.guess(seen, mapping) if of.guess else {}


def remember(batch: CustomerImport) -> None:
    """For the next file with the same header."""
    ImportMapping.objects.update_or_create(
        kind=batch.kind,
        header_key=key_of(batch.header),
        defaults={
            "mapping": batch.mapping,
            "options": _lasting(batch),
            "updated_at": Now(),
        },
    )


def _lasting(batch: CustomerImport) -> dict[str, Any]:
    once = {each.slug for each in kind(batch.kind).options if not each.remembered}
    return {slug: value for slug, value in batch.options.items() if slug not in once}


def key_of(header: Sequence[str]) -> str:
    """The same for files whose columns have the same names in the same order."""
    return sha256("\x1f".join(name.casefold() for name in header).encode()).hexdigest()


# "Nº", "N.º", "Núm." and "No." before what is numbered: one word for all of them.
_NUMBER = re.compile(r"^(?:n o|n|num) (?=\w)")


def _plain(heading: str) -> str:
    return _NUMBER.sub("no ", fold(heading))


def guess(of: Kind, seen: Look) -> dict[str, int]:
    """Each field the first column that bears one of its names; no column twice."""
    folded = [_plain(name) for name in seen.header]
    names = _names_among(of, folded)
    found: dict[str, int] = {}
    for index, name in enumerate(folded):
        slug = names.get(name)
        if slug is not None and slug not in found:
            found[slug] = index
    return found


def _names_among(of: Kind, folded: Sequence[str]) -> Mapping[str, str]:
    """What each name means in this file: "nombre" beside "apellidos" is a person's."""
    names = dict(_names(of))
    there = {names[name] for name in folded if name in names}
    for field in of.fields:
        if field.beside in there and field.slug not in there:
            names |= dict.fromkeys(field.headers_beside, field.slug)
    return names


@cache
def _names(of: Kind) -> Mapping[str, str]:
    return {
        _NUMBER.sub("no ", name): field.slug
        for field in of.fields
        for name in field.headers
    }
