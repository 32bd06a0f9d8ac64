"""Uploaded files that name somebody who was erased: read one by one, and deleted.

A file holds many people, and cannot be blanked in places: it goes whole. What an import
wrote, and its list of changes, stay without her.
"""

import re
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, QuerySet

from accounts.customers import lifecycle, readers
from accounts.customers.models import (
    CustomerImport,
    ImportChange,
    ImportHolding,
    ImportIssue,
    ImportPart,
)

from .models import PrivacyAct

#: So many files in one go: some seconds of work.
BATCH = 20


def count(act: PrivacyAct) -> int:
    """How many files are still to be read."""
    return _waiting(act).count()


def read_on(act: PrivacyAct) -> bool:
    """Read the next files; whether none is left. One that is being worked on waits."""
    for batch in _waiting(act)[:BATCH]:
        if batch.state in CustomerImport.BUSY:
            return False
        act.files_gone += _read(batch, act)
        act.files_up_to = batch.pk
        act.save(update_fields=["files_gone", "files_up_to"])
    return not _waiting(act).exists()


def _waiting(act: PrivacyAct) -> QuerySet[CustomerImport]:
    """What is uploaded afterwards is somebody's new decision."""
    parts = ImportPart.objects.filter(batch=OuterRef("pk"))
    return CustomerImport.objects.filter(
        Exists(parts), pk__gt=act.files_up_to, created_at__lte=act.at
    ).order_by("pk")


def _read(batch: CustomerImport, act: PrivacyAct) -> bool:
    """Delete the file where it names her; whether it did."""
    try:
        lines = _lines(batch, act.looked_for)
    except readers.BadFile:
        # What nobody can read may name anybody.
        lines = [0]
    if not lines and not (act.buyer_id and _wrote(batch, act.buyer_id)):
        return False
    # An import that waits for somebody is cancelled: its file must come anew.
    lifecycle.cancel(batch)
    ImportPart.objects.filter(batch=batch).delete()
    ImportIssue.objects.filter(batch=batch, line__in=lines).update(value="")
    CustomerImport.objects.filter(pk=batch.pk).update(samples=[])
    return True


def _lines(batch: CustomerImport, texts: Sequence[str]) -> list[int]:
    """As whole words: Ana Li is not in Diana Lima."""
    words = "|".join(re.escape(text.casefold()) for text in texts)
    hers = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else re.compile("(?!)")
    return [
        row.line
        for row in readers.open(batch)
        if hers.search(" ".join(row.cells).casefold())
    ]


def _wrote(batch: CustomerImport, buyer_id: int) -> bool:
    """It once wrote her row, or found it as its file says, by whatever name."""
    changed = ImportChange.objects.filter(model="buyer", object_id=buyer_id)
    held = ImportHolding.objects.filter(model="buyer", ids__contains=[buyer_id])
    return changed.filter(batch=batch).exists() or held.filter(batch=batch).exists()
