"""What goes out beside a message's text, such as the invitation for a calendar."""

import re
from dataclasses import dataclass

from . import guard

#: Many companies' gateways refuse much smaller mails than our providers would.
LARGEST = 1024 * 1024
_NAME = re.compile(r"[^/\\\"<>:*?|]{1,100}")
# A MIME type, and parameters such as "text/calendar; method=REQUEST".
_KIND = re.compile(r"[a-z]+/[a-z0-9.+-]+(; ?[a-z]+=[A-Za-z0-9-]+)*")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file for one message: its name, its MIME type, its bytes.

    Text is UTF-8. Raises ValueError for what no mail should carry.
    """

    name: str
    kind: str
    content: bytes

    def __post_init__(self) -> None:
        guard.check("attachment", self.name)
        if not _NAME.fullmatch(self.name):
            raise ValueError("That is no name for a file.")
        if not _KIND.fullmatch(self.kind):
            raise ValueError("That is no MIME type.")
        if len(self.content) > LARGEST:
            raise ValueError("The attachment is too large for a mail.")
