"""What may stand in a header: no line breaks, controls or direction overrides.

Django's own guard does not run for backends that talk to a provider's API, so
values are refused here twice: where they are entered and where they leave.
"""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# C0 and C1 controls, line and paragraph separators, bidi embeddings and isolates.
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# What mail programs turn into a link of their own.
LINK_LIKE = re.compile(r"://|www\.|@|\w\.[a-z]{2,}/", re.IGNORECASE)

# What nearly every address looks like: safe by its letters alone.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]+").fullmatch

#: RFC 5321 4.5.3.1: octets of a local part and of a whole address.
LOCAL_LIMIT = 64
ADDRESS_LIMIT = 254
#: RFC 5322 2.1.1: octets of a header line without its CRLF.
LINE_LIMIT = 998


class UnsafeHeader(ValueError):
    """A value that must not reach a header. Never holds the value itself."""

    def __init__(self, header: str) -> None:
        super().__init__(f"The value of {header} may not stand in a header.")
        self.header = header


def check(header: str, value: str) -> str:
    """Return *value* when it may stand in *header*; raise `UnsafeHeader` if not."""
    if UNSAFE.search(value):
        raise UnsafeHeader(header)
    return value


def check_address(header: str, address: str) -> str:
    """Return *address* when it is one plain address; raise `UnsafeHeader` if not."""
    if _PLAIN_ADDRESS(address) and len(address) <= ADDRESS_LIMIT:
        return address
    check(header, address)
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or set(address) & set(' ,;:<>()"\\[]'):
        raise UnsafeHeader(header)
    # An encoded word is decoded by some readers, and with it another address.
    if "=?" in address or "@" in local:
        raise UnsafeHeader(header)
    if len(local) > LOCAL_LIMIT or len(address) > ADDRESS_LIMIT:
        raise UnsafeHeader(header)
    return address


def clean(value: str) -> str:
    """Make *value* fit for a header: unsafe characters and breaks become spaces."""
    if value.isprintable() and "  " not in value:
        # As nearly all are: the only white space that is printable is the space.
        return value.strip()
    return " ".join(UNSAFE.sub(" ", value).split())


def reads_as_link(value: str) -> bool:
    """Would a mail program make a link of something in *value*?"""
    if "." not in value and "@" not in value and ":" not in value:
        return False
    return LINK_LIKE.search(value) is not None


def validate(value: str) -> None:
    """For model fields whose value reaches a header."""
    if UNSAFE.search(value):
        raise ValidationError(
            _("Remove line breaks and invisible control characters."), code="unsafe"
        )


def validate_name(value: str) -> None:
    """For names shown as sender: no line breaks, nothing that reads as a link."""
    validate(value)
    if reads_as_link(value):
        raise ValidationError(
            _("A name may not hold a web or e-mail address."), code="link"
        )


def validate_address(value: str) -> None:
    """For model fields that hold an address."""
    try:
        check_address("address", value)
    except UnsafeHeader as error:
        raise ValidationError(
            _("Enter one plain e-mail address."), code="address"
        ) from error
