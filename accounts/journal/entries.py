"""What goes into the journal, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from . import digests
from .kinds import DOCUMENTS


class State(StrEnum):
    RECORDED = "recorded"
    REPEATED = "repeated"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What happened, to be recorded once however often it is told.

    ``key`` is unique within ``source``. ``digest`` stands for the content by which a
    repeat is told from a conflict; left empty it is made of the event itself. Who
    resolved a report to these ids gives the digest of the report, which stays the
    same when more ids become known later.
    """

    kind: str
    account_id: int
    buyer_id: int | None
    occurred_at: datetime
    source: str
    key: str
    data: dict[str, Any] = field(default_factory=dict)
    cause: str = ""
    corrects: int | None = None
    digest: bytes = b""

    @property
    def document(self) -> str | None:
        """The key under which this document counts once, or None."""
        number = self.data.get("document")
        if not number or self.kind not in DOCUMENTS or self.corrects is not None:
            return None
        return f"{self.account_id}:{self.kind}:{str(number).strip().casefold()}"

    @property
    def text(self) -> str:
        """The data as it is stored."""
        return digests.write_plainly(self.data) if self.data else "{}"

    def fingerprint(self, text: str | None = None) -> bytes:
        """What its content comes to; ``text`` saves writing its data once more."""
        if self.digest:
            return self.digest
        data = self.text if text is None else text
        when = self.occurred_at.timestamp()
        return digests.of(self.kind, self.account_id, self.buyer_id, when, data)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event, and the event that stands for it.

    ``on`` says what a conflict is about: "key" or "document".
    """

    state: State
    event_id: int
    on: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch; ``outcomes`` are in the order of its events."""

    outcomes: Sequence[Outcome]

    @property
    def new(self) -> int:
        return self._count(State.RECORDED)

    @property
    def repeated(self) -> int:
        return self._count(State.REPEATED)

    @property
    def conflicts(self) -> int:
        return self._count(State.CONFLICT)

    def _count(self, state: State) -> int:
        return sum(outcome.state == state for outcome in self.outcomes)
