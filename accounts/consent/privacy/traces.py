"""Whoever stands anywhere by a name of which we kept nothing but the keyed hash.

A restored database holds again who was erased, and nobody can ask for her by a hash:
so all addresses that stand anywhere are hashed, and compared. It reads every table
that may speak of a person, and the uploaded files: a matter of minutes.
"""

import re
from collections.abc import Collection, Iterator
from itertools import product
from typing import Any

from django.db import models
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Cast

from accounts.customers import addresses, readers
from accounts.customers.models import CustomerImport, ImportPart

from . import registry
from .models import PrivacyAct
from .people import Person, unknown
from .registry import Rows

#: So many joints on either side of an @ are looked at: hashing costs.
JOINTS = 12
_APART = r"""\s:;,|/<>="'()\[\]{}\\"""
_TOKEN = re.compile(rf"[^@{_APART}]+@[^@{_APART}]+")
_JOINT = re.compile(r"[\W_]")
_CHUNK = 2_000
#: Files are read as files; an erasure under way keeps the address for itself.
_OTHERWISE = (ImportPart, PrivacyAct)


def find(hashes: Collection[bytes]) -> dict[bytes, Person]:
    """Those of the *hashes* that are names of somebody of whom we still hold some."""
    if not hashes:
        return {}
    wanted = frozenset(hashes)
    found = {one.id_hash or b"": one for one in registry.called()}
    found = {hashed: found[hashed] for hashed in wanted.intersection(found)}
    for text in _texts():
        for key in keys_in(text):
            if (hashed := addresses.hash_of(key)) in wanted:
                found[hashed] = unknown(key)
    return found


def keys_in(text: str) -> Iterator[str]:
    """Whatever in *text* may be an address, however it is joined to its neighbours."""
    for token in _TOKEN.findall(text):
        local, _at, domain = token.rpartition("@")
        for before, after in product(_tails(local), _heads(domain)):
            email = f"{before}@{after}"
            # Only an international domain is kept otherwise than it is written.
            plain = email.isascii()
            yield addresses.key_of(email) if plain else addresses.folded(email)


def _tails(local: str) -> list[str]:
    begins = [one.end() for one in _JOINT.finditer(local)][-JOINTS:]
    return [local, *(local[begin:] for begin in begins if begin < len(local))]


def _heads(domain: str) -> list[str]:
    ends = [one.start() for one in _JOINT.finditer(domain)][:JOINTS]
    return [domain, *(domain[:end] for end in ends if end)]


def _texts() -> Iterator[str]:
    for holding in registry.registered():
        for field in holding.model._meta.concrete_fields:
            if holding.model not in _OTHERWISE and not field.choices:
                yield from _of(holding.rows, field)
    yield from _in_files()


def _of(rows: Rows, field: models.Field[Any, Any]) -> Iterator[str]:
    """Of one column what has an @ in it."""
    if isinstance(field, models.BinaryField):
        told: Any = Func(
            F(field.name),
            Value("escape"),
            function="encode",
            output_field=TextField(),
        )
    elif isinstance(field, models.CharField | TextField | models.JSONField):
        told = Cast(field.name, TextField())
    else:
        return
    found = rows.order_by().annotate(told=told).filter(told__contains="@")
    for value in found.values_list(field.name, flat=True).iterator(_CHUNK):
        yield from _strings(value)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes | memoryview):
        yield bytes(value).decode("latin-1")
    elif isinstance(value, dict):
        for part in (*value, *value.values()):
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _in_files() -> Iterator[str]:
    held = ImportPart.objects.values("batch")
    for batch in CustomerImport.objects.filter(pk__in=held).order_by("pk"):
        try:
            for row in readers.open(batch):
                yield from (str(cell) for cell in row.cells)
        except readers.BadFile:
            continue
