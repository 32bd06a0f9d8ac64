"""The headers of our mails, said once for both ways of writing them."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from uuid import UUID

from . import guard
from .models import Purpose

DELIVERY = "X-Delivery"
#: A test that somebody sent herself: of no delivery, and no mail of the log-in either.
TRIAL = "X-Trial"
#: RFC 8058: what makes a provider's own button unsubscribe with one POST.
ONE_CLICK = "List-Unsubscribe=One-Click"

Headers = dict[str, str]


class NoUnsubscribe(ValueError):
    """A commercial message without the link to leave: it must not go out."""


def sender(brand: Mapping[str, str]) -> str:
    """``"Name" <address>`` of the brand, quoted, its letters as they are."""
    address = guard.check_address("From", brand["sender_email"])
    name = guard.check("From", brand["sender_name"])
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{address}>'


def reply_to(brand: Mapping[str, str]) -> str:
    return guard.check_address("Reply-To", brand["reply_to"])


def domain(brand: Mapping[str, str]) -> str:
    """Where our message ids live: the sender's domain."""
    return brand["sender_email"].rpartition("@")[2]


def fixed() -> Headers:
    """The same in every mail. RFC 3834: keeps out-of-office replies away."""
    return {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF"}


def of_delivery(uuid: UUID | str, date: str, domain: str) -> Headers:
    return {
        "Date": date,
        "Message-ID": f"<{uuid}@{domain}>",
        DELIVERY: str(uuid),
    }


def unsubscribe(purpose: str, address: str | None) -> Headers:
    """Both headers of RFC 8058 for commercial messages, none for service ones."""
    if purpose == Purpose.SERVICE:
        return {}
    check_unsubscribe(purpose, address)
    return {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": ONE_CLICK,
    }


def check_unsubscribe(purpose: str, address: str | None) -> None:
    """Raises what `unsubscribe` raises: `NoUnsubscribe`, or `guard.UnsafeHeader`."""
    if purpose == Purpose.SERVICE:
        return
    if not address:
        raise NoUnsubscribe("A commercial message needs its link to leave.")
    guard.check("List-Unsubscribe", address)


@lru_cache(maxsize=64)
def date(at: datetime) -> str:
    return format_datetime(at)
