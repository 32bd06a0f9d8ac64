"""What the store or the ERP says happened, in its own names for everybody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.customers import addresses, numbers

from . import digests

INVITATION, EXTERNAL_ID, EMAIL = "invitation", "external_id", "email"
#: The ways to name a buyer, the surest first.
NAMED_BY = (INVITATION, EXTERNAL_ID, EMAIL)


@dataclass(frozen=True, slots=True)
class Report:
    """A checked report; ``key`` is the sender's own name for it.

    ``account`` is an ERP number, or empty where an invitation names the account;
    ``buyer`` maps ways of `NAMED_BY` to references, empty where nobody was named.
    ``fingerprint`` stands for the content where not all of it tells a repeat from a
    conflict.
    """

    key: str
    kind: str
    occurred_at: datetime
    account: str = ""
    buyer: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: bytes = b""

    @property
    def account_key(self) -> str:
        return numbers.key_of(self.account)

    @property
    def digest(self) -> bytes:
        """Of what was said, not of whom we found: that may change, this does not."""
        if self.fingerprint:
            return self.fingerprint
        said = {"buyer": dict(self.buyer), "data": dict(self.data)}
        return digests.of(
            self.kind,
            self.account_key,
            self.occurred_at.timestamp(),
            digests.write_plainly(said),
        )

    def as_body(self) -> dict[str, Any]:
        """For keeping; `from_body` reads it."""
        return {
            "key": self.key,
            "kind": self.kind,
            "occurred_at": self.occurred_at.isoformat(),
            "account": self.account,
            "buyer": dict(self.buyer),
            "data": dict(self.data),
        }


def from_body(body: Mapping[str, Any], digest: bytes) -> Report:
    when = datetime.fromisoformat(body["occurred_at"])
    return Report(**{**body, "occurred_at": when, "fingerprint": digest})


def email_key(text: str) -> str:
    """As buyers keep it; an address nobody can have is folded all the same."""
    return addresses.folded(text)
