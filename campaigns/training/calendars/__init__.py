"""Calendar entries by RFC 5545 and 5546: one object per attendee, never shared.

Whoever cancels a seat takes nobody else's appointment away, because no entry names
two people. `invite` and `withdraw` return what a mail carries and a link downloads;
`feed` what a calendar program asks for again and again.
"""

from .entries import Alarm, Entry, Person
from .invitations import CONTENT_TYPE, invite, withdraw
from .publications import feed

__all__ = [
    "CONTENT_TYPE",
    "Alarm",
    "Entry",
    "Person",
    "feed",
    "invite",
    "withdraw",
]
