"""Takes a file in: into pieces, looked at, with the columns it will likely need."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from secrets import token_bytes
from typing import Any, Protocol

from django.db import IntegrityError, transaction

from . import columns, jobs
from .capped import MOST_BYTES
from .lifecycle import CHECKABLE
from .models import CustomerImport, ImportPart
from .readers import BadFile, Layout, Look, Parts, look
from .readers.sources import PIECE

#: A file is personal data of many: it is kept as long as somebody may ask for it.
KEPT_DAYS = 90


class Upload(Protocol):
    """What of a file is needed: Django's uploaded files have it, and open ones."""

    def read(self, size: int, /) -> bytes: ...


class Known(Exception):
    """The same file lies open already; ``batch`` is that import."""

    def __init__(self, batch: CustomerImport) -> None:
        super().__init__(batch.pk)
        self.batch = batch


def receive(
    file: Upload,
    name: str,
    kind: str,
    by: Any = None,
    options: Mapping[str, Any] | None = None,
) -> CustomerImport:
    """Keep the file and look at it; raises `BadFile`, or `Known`.

    *options* are known already, whatever was chosen for a file like it.

    Ten uploads of the same file at once make one import: the others learn which.
    """
    with transaction.atomic():
        batch = CustomerImport.objects.create(
            kind=kind,
            file_name=name[-200:],
            sha256=token_bytes(32),
            size=0,
            created_by=by,
        )
        digest, size = sha256(), 0
        for number, piece in enumerate(_pieces(file)):
            digest.update(piece)
            size += len(piece)
            if size > MOST_BYTES:
                raise BadFile("file_too_big")
            ImportPart.objects.create(batch=batch, number=number, data=piece)
        batch.sha256, batch.size = digest.digest(), size
        if size == 0:
            raise BadFile("file_empty")
        _prepare(batch)
        _keep_look(batch, look(Parts(batch)))
        batch.options = {**batch.options, **(options or {})}
        return _save_once(batch)


def _prepare(batch: CustomerImport) -> None:
    prepare = jobs.kind(batch.kind).prepare
    kept = prepare(Parts(batch)) if prepare else None
    if kept is None:
        return
    ImportPart.objects.filter(batch=batch).delete()
    for number, piece in enumerate(_pieces(BytesIO(kept))):
        ImportPart.objects.create(batch=batch, number=number, data=piece)


def look_again(batch: CustomerImport, layout: Layout) -> bool:
    """Look at it with another encoding, separator or sheet; False where too late."""
    _keep_look(batch, look(Parts(batch), layout))
    fields = {name: getattr(batch, name) for name in _LOOKED}
    found = CustomerImport.objects.filter(pk=batch.pk, state__in=CHECKABLE)
    return found.update(**fields) == 1


def twin_of(batch: CustomerImport) -> CustomerImport | None:
    """The last time this very file was applied, if it ever was."""
    return (
        CustomerImport.objects.filter(
            kind=batch.kind,
            sha256=bytes(batch.sha256),
            state=CustomerImport.State.APPLIED,
        )
        .exclude(pk=batch.pk)
        .first()
    )


def forget_old(at: datetime) -> int:
    """Throw the files of old imports away; how many pieces. Their figures stay."""
    long_ago = CustomerImport.objects.exclude(state__in=CustomerImport.BUSY).filter(
        created_at__lt=at - timedelta(days=KEPT_DAYS)
    )
    return ImportPart.objects.filter(batch__in=long_ago).delete()[0]


_LOOKED = (
    "encoding",
    "delimiter",
    "sheet",
    "header",
    "samples",
    "mapping",
    "options",
)


def _keep_look(batch: CustomerImport, seen: Look) -> None:
    batch.encoding, batch.delimiter = seen.layout.encoding, seen.layout.separator
    batch.sheet = seen.layout.sheet
    batch.header, batch.samples = seen.header, seen.samples
    kind = jobs.kind(batch.kind)
    batch.mapping, batch.options = columns.propose(kind, seen)


def _save_once(batch: CustomerImport) -> CustomerImport:
    try:
        with transaction.atomic():
            batch.save()
    except IntegrityError:
        open_one = CustomerImport.objects.filter(
            kind=batch.kind,
            sha256=batch.sha256,
            state__in=CustomerImport.OPEN,
        ).first()
        if open_one is None:
            raise
        raise Known(open_one) from None
    return batch


def _pieces(file: Upload) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece
