"""What loading an order list would do: looked up, nothing written."""

from collections import Counter
from collections.abc import Sequence

from accounts.journal import intake, naming, sets
from accounts.journal.models import EventKey
from accounts.journal.naming import Named
from accounts.journal.record import RESERVED

from .reading import Line

#: What may become of a line, by the figures of the page.
NEW, SAME, OTHER, WAITING = (
    "documents_new",
    "documents_same",
    "documents_other",
    "documents_waiting",
)


class Forecast:
    """Knows the documents met so far: a file may hold one twice."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        # Hashes, eight bytes each: a million documents take as little as their file.
        self._met: dict[int, int] = {}

    def judge(self, lines: Sequence[Line]) -> list[str]:
        """What would become of each line, by `NEW`, `SAME`, `OTHER`, `WAITING`."""
        named = naming.resolve([line.report for line in lines])
        keys = [
            _key(line, one) if one.account_id is not None else None
            for line, one in zip(lines, named, strict=True)
        ]
        known = _digests([key for key in keys if key])
        found = [
            self._judge(line, key, known) for line, key in zip(lines, keys, strict=True)
        ]
        self.counts.update(found)
        return found

    def _judge(self, line: Line, key: str | None, known: dict[str, bytes]) -> str:
        digest = line.report.digest
        if key in known:
            return SAME if known[key] == digest else OTHER
        place = hash(key or line.report.key)
        if place not in self._met:
            self._met[place] = hash(digest)
            return NEW if key else WAITING
        return SAME if self._met[place] == hash(digest) else OTHER


def _key(line: Line, named: Named) -> str | None:
    return intake.as_event(line.report, named, "").document


def _digests(keys: Sequence[str]) -> dict[str, bytes]:
    rows = EventKey.objects.filter(source=RESERVED, key__in=sets.of_texts(keys))
    return {key: bytes(digest) for key, digest in rows.values_list("key", "digest")}
