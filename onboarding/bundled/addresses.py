"""Where the bundled services of this checkout answer, while they run."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "services.json"
# Nothing listens there: without services a connection is refused at once.
NOWHERE_DATABASE = "postgresql://onboarding@127.0.0.1:1/onboarding"
NOWHERE_REDIS = "redis://127.0.0.1:1/0"


@dataclass(frozen=True)
class Addresses:
    database: str = NOWHERE_DATABASE
    redis: str = NOWHERE_REDIS


def read(data: Path) -> Addresses:
    """What runs now; addresses where nothing listens when nothing does."""
    try:
        found = json.loads((data / FILE).read_text(encoding="utf-8"))
        return Addresses(**found)
    except (OSError, ValueError, TypeError):
        return Addresses()


def write(data: Path, addresses: Addresses) -> None:
    """For this user's eyes: the addresses carry the passwords."""
    path = data / FILE
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(addresses)), encoding="utf-8")


def forget(data: Path) -> None:
    (data / FILE).unlink(missing_ok=True)
