"""Everything held about a person, as a file for her: for people and for programs."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import BinaryField, Field, ForeignKey, Model
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.customers.models import Buyer
from accounts.staff.models import User

from . import registry
from .models import PrivacyAct
from .people import Person, known
from .registry import Holding

#: Mails, as a mail program opens them: a column of bytes by this name.
MAIL = "raw"


@dataclass(frozen=True, slots=True)
class Section:
    """All rows of one model: ``plain`` for programs; ``told`` for people, without the
    columns that have no name for them."""

    name: str
    label: str
    why: str
    plain: Sequence[Mapping[str, Any]]
    told: Sequence[Sequence[tuple[str, str]]]


def hand_out(buyer: Buyer, reason: str, by: User, at: datetime) -> bytes:
    """The file, a zip; that it was handed out is recorded, without what is in it."""
    return pack(known(buyer), buyer, reason, by, at)


def pack(
    person: Person, buyer: Buyer | None, reason: str, by: User, at: datetime
) -> bytes:
    with transaction.atomic():
        sections = collect(person)
        counts = {one.name: len(one.plain) for one in sections}
        PrivacyAct.objects.create(
            act=PrivacyAct.Act.EXPORTED,
            buyer=buyer,
            reason=reason,
            by=by,
            at=at,
            counts=counts,
            finished_at=at,
        )
        return _zip(sections, _mails(person), at)


def collect(person: Person) -> list[Section]:
    """What every app holds of her; nothing of what holds nothing."""
    sections = (_section(one, person) for one in registry.registered())
    return [one for one in sections if one.plain]


def _section(holding: Holding, person: Person) -> Section:
    rows = list(holding.of(person))
    withheld = {*holding.of_others, *holding.of_company}
    fields = [
        field
        for field in holding.model._meta.concrete_fields
        if not isinstance(field, BinaryField) and field.name not in withheld
    ]
    return Section(
        name=holding.model._meta.label_lower,
        label=capfirst(holding.label),
        why=str(holding.why),
        plain=[
            {field.attname: field.value_from_object(row) for field in fields}
            for row in rows
        ],
        told=[said for row in rows if (said := list(_tell(row, fields)))],
    )


def _tell(row: Model, fields: Sequence[Field[Any, Any]]) -> Iterator[tuple[str, str]]:
    for field in fields:
        value = field.value_from_object(row)
        # Numbers of our own rows say nothing to people, nor does what we never named
        # in their language.
        if value in (None, "", [], {}) or field.primary_key:
            continue
        if isinstance(field, ForeignKey) or not isinstance(field.verbose_name, Promise):
            continue
        yield capfirst(str(field.verbose_name)), _write(row, field, value)


def _write(row: Model, field: Field[Any, Any], value: Any) -> str:
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(value, datetime):
        local = localtime(value)
        return f"{date_format(local, 'DATETIME_FORMAT')} ({local.tzname()})"
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _mails(person: Person) -> Iterator[tuple[str, bytes]]:
    for holding in registry.registered():
        names = {field.name for field in holding.model._meta.concrete_fields}
        if MAIL in names:
            for row in holding.of(person).iterator(chunk_size=50):
                yield f"mails/{row.pk}.eml", bytes(getattr(row, MAIL))


def _zip(
    sections: Sequence[Section], mails: Iterator[tuple[str, bytes]], at: datetime
) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", _as_json(sections, at))
        page = render_to_string(
            "admin/consent/privacy/export.html", {"sections": sections, "at": at}
        )
        archive.writestr("data.html", page)
        for name, content in mails:
            archive.writestr(name, content)
    return file.getvalue()


def _as_json(sections: Sequence[Section], at: datetime) -> str:
    told = {one.name: one.plain for one in sections}
    return json.dumps(
        {"exported_at": at, "data": told}, ensure_ascii=False, indent=1, default=str
    )
