"""What a post says, in our own words, before we know which delivery it speaks of."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from .models import Report

Kind = Report.Kind

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>@:;,]+@[^\s<>:;,]+")


@dataclass(frozen=True, slots=True)
class News:
    """One report. ``recipient`` is the address that our message went to.

    The message is named by our own id, or, where the provider keeps none for us, by
    the ids that the provider gave it. ``mark`` tells two reports apart that are
    alike otherwise: the provider's event id, or the whole of the event.
    """

    kind: Kind
    recipient: str
    at: datetime
    mark: str
    delivery_uuid: UUID | None = None
    provider_ids: Collection[str] = field(default=())
    detail: str = ""
    link: str = ""
    #: At least so likely a machine did it, in per cent.
    machine: int = 0


def find_uuid(text: Any) -> UUID | None:
    """Our own id, wherever in *text* it stands."""
    found = _UUID.search(str(text or ""))
    return UUID(found[0]) if found else None


def blot(words: str) -> str:
    """A provider's words, without the addresses that it likes to repeat."""
    return _ADDRESS.sub("…", words)[:300]
