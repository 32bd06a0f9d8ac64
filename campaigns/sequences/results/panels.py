"""What the floors above show on a campaign's page, such as how far its people came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from accounts.staff.models import User
from campaigns.sequences.models import Campaign

Label = str | Promise


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure, as long as its share of the longest, and the names behind it."""

    label: Label
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Panel:
    title: Label
    explanation: Label
    bars: Sequence[Bar]
    url: str
    link: Label

    @property
    def longest(self) -> int:
        return max((bar.count for bar in self.bars), default=0)


#: None where *user* may not see it.
Source = Callable[[Campaign, User, datetime], Panel | None]
_sources: dict[str, tuple[int, Source]] = {}


def register(name: str, source: Source, *, order: int = 50) -> None:
    """Call it from an AppConfig's ``ready``."""
    _sources[name] = (order, source)


def of(campaign: Campaign, user: User, at: datetime) -> list[Panel]:
    sources = sorted(_sources.values(), key=lambda one: one[0])
    made = (source(campaign, user, at) for _order, source in sources)
    return [panel for panel in made if panel is not None]
