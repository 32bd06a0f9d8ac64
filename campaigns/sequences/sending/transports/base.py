"""What a transport is: it hands one message over, and says what became of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple, Protocol
from uuid import UUID

from django.core.mail import EmailMessage


class Verdict(StrEnum):
    """What the provider's answer means. "An exception" is no answer."""

    ACCEPTED = "accepted"
    #: It certainly did not take the message, and never will.
    REFUSED = "refused"
    #: It certainly did not take it now.
    LATER = "later"
    #: It may have taken it: never sent again by itself.
    AMBIGUOUS = "ambiguous"
    #: It was held back before it reached the wire.
    WITHHELD = "withheld"


class Result(NamedTuple):
    verdict: Verdict
    code: str = ""
    answer: str = ""
    provider_id: str = ""
    retry_after: timedelta | None = None


class Unreachable(Exception):
    """The provider cannot be talked to. Whatever had not begun did not go out."""


class Busy(Unreachable):
    """Others of us talk to it, as many as may at a time: they do the work."""


class CredentialsRefused(Exception):
    """The provider does not know us: nothing more is tried until a person looks."""


@dataclass(kw_only=True)
class Letter:
    """One message for one person, made in the form that its transport asks for."""

    delivery_id: int
    uuid: UUID
    sender: str
    recipient: str
    make_message: Callable[[], EmailMessage]
    make_bytes: Callable[[], bytes]

    @cached_property
    def message(self) -> EmailMessage:
        return self.make_message()

    @cached_property
    def raw(self) -> bytes:
        return self.make_bytes()


class Gate(Protocol):
    """Between a transport and the wire: what it must ask, and tell."""

    def wants(self, letter: Letter) -> bool:
        """Is this letter still to go out, as far as is known?"""

    def begin(self, letter: Letter) -> bool:
        """Ask right before the message itself is written; False: leave it alone."""

    def end(self, letter: Letter, result: Result) -> None:
        """Tell what became of it, as soon as that is known."""


class Transport(ABC):
    """One way out. Kept by its process, so that connections are too."""

    #: Stands in each delivery's row.
    name: str

    @abstractmethod
    def open(self) -> None:
        """Make sure that the provider can be talked to, before anything is claimed.

        Raises `Unreachable` (`Busy` among them) or `CredentialsRefused`.
        """

    def prepare(self, letter: Letter) -> None:
        """Have the letter written in the form wanted; an error is the letter's own."""
        _ = letter.message

    @abstractmethod
    def send(self, letters: Sequence[Letter], gate: Gate) -> None:
        """Hand over one letter after the other, each between two calls of the gate.

        May end early, also by `Unreachable` or `CredentialsRefused`: letters that
        did not begin are simply still here.
        """

    def rest(self) -> None:
        """Nothing more for now: let others have what is scarce."""
        return

    def close(self) -> None:
        """Let go of what is kept open; `open` works again afterwards."""
        return

    def find_accepted(self, uuids: Collection[UUID]) -> set[UUID] | None:
        """Of these deliveries, those that the provider has; None: it cannot tell."""
        return None
