"""What to start, and where; plain data, so that one process can hand it to the next."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from .parts import Part


@dataclass(frozen=True)
class Plan:
    base: str
    data: str
    url: str
    host: str
    port: int
    preparations: Sequence[tuple[str, ...]]
    parts: Sequence[Part]


def dump(plan: Plan) -> str:
    return json.dumps(asdict(plan))


def load(text: str) -> Plan:
    read = json.loads(text)
    parts = [Part(part["name"], tuple(part["command"])) for part in read.pop("parts")]
    preparations = [tuple(command) for command in read.pop("preparations")]
    return Plan(**read, parts=parts, preparations=preparations)
