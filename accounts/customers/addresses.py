"""E-mail addresses: which we take, how they are kept, and when two are the same."""

import hmac
import re
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import name as name_of
from unicodedata import normalize

from django.conf import settings
from django.core.exceptions import ValidationError
from email_validator import (
    SPECIAL_USE_DOMAIN_NAMES,
    EmailNotValidError,
    validate_email,
)

from . import lines, problems

LONGEST = 254
LONGEST_LOCAL = 64
# RFC 5321's dot-atom: what every mail server takes before the @.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
# Most domains: letters, digits and inner hyphens, none of which needs a closer look.
# Labels with "--" in third place are encoded and looked at by email_validator.
_LABEL = r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN_DOMAIN = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)+[a-z]{{2,63}}")
_SPECIAL = frozenset(name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES)
_DOTS = re.compile(r"^\.|\.\.|\.$")


class BadAddress(ValueError):
    """An address we do not take; ``code`` is one of `customers.problems`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Address:
    """``email`` is written to; ``key`` tells addresses apart; ``hash`` outlives it.

    The domain is lower-case ASCII (an international one its A-label), the local part
    as typed. Neither tags nor dots are taken off.
    """

    email: str
    key: str
    hash: bytes


def check(text: str) -> Address:
    """Return *text* as we keep it; raises `BadAddress` with the reason."""
    local, domain = _split(text.strip())
    _check_local(local)
    email = f"{local}@{_ascii_domain(domain)}"
    if len(email) > LONGEST:
        raise BadAddress("address_long")
    key = key_of(email)
    return Address(email, key, hash_of(key))


def key_of(email: str) -> str:
    """By which two addresses are the same mailbox, as far as anybody can know."""
    return email.strip().casefold()


def folded(text: str) -> str:
    """Its key, also of what nobody can have: somebody wrote it all the same."""
    try:
        return check(text).key
    except BadAddress:
        return key_of(text)


def hash_of(key: str) -> bytes:
    """The keyed hash by which a suppressed address is known after its erasure."""
    return hmac.digest(settings.ADDRESS_HASH_KEY.encode(), key.encode(), "sha256")


def validate_address(text: str) -> None:
    """For forms and models."""
    try:
        check(text)
    except BadAddress as bad:
        raise ValidationError(str(problems.sentence(bad.code)), bad.code) from None


def _split(text: str) -> tuple[str, str]:
    if not text:
        raise BadAddress("address_empty")
    if not lines.is_clean(text):
        raise BadAddress("address_hidden")
    if text.endswith(">") or "<" in text:
        raise BadAddress("address_display_name")
    local, at, domain = text.rpartition("@")
    if not at:
        raise BadAddress("address_no_at")
    return local, domain


def _check_local(local: str) -> None:
    if not local:
        raise BadAddress("address_local_empty")
    if not local.isascii():
        raise BadAddress("address_local_not_ascii")
    if local.startswith('"'):
        raise BadAddress("address_quoted")
    if "@" in local:
        raise BadAddress("address_several_at")
    if "=?" in local:
        raise BadAddress("address_encoded_word")
    if len(local) > LONGEST_LOCAL:
        raise BadAddress("address_local_long")
    if _LOCAL.fullmatch(local) is None:
        dots = _DOTS.search(local)
        raise BadAddress("address_dots" if dots else "address_local_signs")


# Colleagues share a domain: a file of 100,000 buyers asks for a few thousand of them.
@lru_cache(maxsize=20_000)
def _ascii_domain(domain: str) -> str:
    if domain.endswith("."):
        raise BadAddress("address_trailing_dot")
    if domain.startswith("["):
        raise BadAddress("address_literal")
    if not domain.isascii():
        _refuse_lookalikes(domain)
    plain = domain.lower()
    if _PLAIN_DOMAIN.fullmatch(plain) and not _is_special(plain):
        return plain
    try:
        found = validate_email(f"a@{domain}", check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        reserved = "special-use or reserved" in str(error)
        code = "address_domain_reserved" if reserved else "address_domain"
        raise BadAddress(code) from None
    return found.ascii_domain


def _is_special(domain: str) -> bool:
    return domain.rpartition(".")[2] in _SPECIAL


def _refuse_lookalikes(domain: str) -> None:
    """No letters that other letters stand for, and one script to a label."""
    if normalize("NFKC", domain) != normalize("NFC", domain):
        raise BadAddress("address_lookalike")
    for label in domain.split("."):
        scripts = {name_of(sign, "").split(" ")[0] for sign in label if sign.isalpha()}
        if len(scripts & {"LATIN", "CYRILLIC", "GREEK"}) > 1:
            raise BadAddress("address_lookalike")
