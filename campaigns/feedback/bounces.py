"""Does the address exist? What each provider says of a bounce, and what it means.

Hard: the address does not exist, or never will take mail again. Everything else is
soft, also what nobody understands: a full mailbox, a filter's refusal, a time-out.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

Event = Mapping[str, Any]

# RFC 3463: 5.1.x is the address, 5.2.1 a mailbox switched off. 5.1.7 and 5.1.8 speak
# of the sender, 5.7.x of policy: such an address is alive.
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_DEAD = frozenset({"0", "1", "2", "3", "6", "10"})

_POSTMARK_HARD = frozenset({"HardBounce", "BadEmailAddress"})
_SPARKPOST_HARD = frozenset({"10", "30"})
_MAILGUN_HARD = frozenset({"bounce", "suppress-bounce"})
_UNISENDER_HARD = frozenset({"err_user_unknown", "err_user_inactive"})
_UNISENDER_HARD |= {"err_domain_inactive", "err_mailbox_discarded"}


def is_hard(provider: str, event: Event, words: str) -> bool:
    """*words* is what the receiving server answered, wherever it stood."""
    said = _of_status(words)
    if said is not None:
        return said
    judge = _JUDGES.get(provider)
    return bool(judge and judge(event))


def _of_status(words: str) -> bool | None:
    """By the receiving server's own code, which no provider knows better."""
    found = _STATUS.search(words)
    if found is None:
        return None
    family, subject, detail = found.groups()
    if family != "5":
        return False
    if subject == "1":
        return detail in _DEAD
    if (subject, detail) == ("2", "1"):
        return True
    # 5.0.0 says nothing: then the provider's own class decides.
    return None if (subject, detail) == ("0", "0") else False


def _mapping(event: Event, *path: str) -> Mapping[str, Any]:
    value: Any = event
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _mailgun(event: Event) -> bool:
    data = _mapping(event, "event-data")
    return data.get("severity") == "permanent" and data.get("reason") in _MAILGUN_HARD


def _sparkpost(event: Event) -> bool:
    inner: Event = next(iter(_mapping(event, "msys").values()), {})
    return str(inner.get("bounce_class")) in _SPARKPOST_HARD


_JUDGES: Mapping[str, Callable[[Event], bool]] = {
    "amazon_ses": lambda e: _mapping(e, "bounce").get("bounceType") == "Permanent",
    "brevo": lambda e: e.get("event") in {"hard_bounce", "invalid_email"},
    "mailersend": lambda e: _mapping(e, "data").get("type") == "hard_bounced",
    "mailgun": _mailgun,
    "mailjet": lambda e: bool(e.get("hard_bounce")),
    "mailtrap": lambda e: e.get("bounce_category") in {"badmailbox", "inactivemailbox"},
    "mandrill": lambda e: e.get("event") == "hard_bounce",
    "postmark": lambda e: e.get("Type") in _POSTMARK_HARD,
    "resend": lambda e: _mapping(e, "data", "bounce").get("type") == "Permanent",
    "sendgrid": lambda e: e.get("type") == "bounce",
    "sparkpost": _sparkpost,
    "unisender_go": lambda e: (
        _mapping(e, "delivery_info").get("delivery_status") in _UNISENDER_HARD
    ),
}
