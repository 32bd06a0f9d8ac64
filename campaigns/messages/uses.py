"""Who uses a message as it was, told where somebody changes it.

Floors above register theirs in their ``AppConfig.ready``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accounts.staff.models import User
from campaigns.messages.models import Message


@dataclass(frozen=True, slots=True)
class Use:
    """By something that keeps the text with which it began: ``url`` changes that."""

    name: str
    url: str
    is_older: bool


#: Empty where *user* may not see them.
Source = Callable[[Message, User], Sequence[Use]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    _sources[name] = source


def of(message: Message, user: User) -> list[Use]:
    return [use for source in _sources.values() for use in source(message, user)]
