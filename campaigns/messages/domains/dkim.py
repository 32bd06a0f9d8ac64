"""RFC 6376: the key by which receivers know that nobody changed a message."""

from base64 import b64decode
from binascii import Error
from collections.abc import Iterator, Sequence

from .findings import Finding, Level
from .lookup import Lookup

SUBJECT = "dkim"
#: A public RSA key of 1024 bits takes 162 bytes, one of 2048 bits 294.
_BYTES_OF_1024, _BYTES_OF_2048 = 150, 280


def check(domain: str, selectors: Sequence[str], lookup: Lookup) -> Iterator[Finding]:
    found = [
        _judge(selector, record)
        for selector in selectors
        for record in _records(f"{selector}._domainkey.{domain}", lookup)
    ]
    if found:
        yield from found
        return
    facts = {"selectors": ", ".join(selectors)}
    yield Finding(SUBJECT, Level.BAD, "dkim_not_found", facts)


def _records(name: str, lookup: Lookup) -> Iterator[dict[str, str]]:
    for text in lookup.texts(name):
        tags = read_tags(text)
        if "p" in tags and tags.get("v", "DKIM1").upper() == "DKIM1":
            yield tags


def _judge(selector: str, tags: dict[str, str]) -> Finding:
    facts = {"selector": selector}
    if not tags["p"]:
        return Finding(SUBJECT, Level.BAD, "dkim_revoked", facts)
    length = _length(tags["p"])
    is_rsa = tags.get("k", "rsa").lower() == "rsa"
    if is_rsa and length < _BYTES_OF_1024:
        facts |= {"bits": "512"}
        return Finding(SUBJECT, Level.BAD, "dkim_weak", facts)
    if is_rsa and length < _BYTES_OF_2048:
        facts |= {"bits": "1024"}
        return Finding(SUBJECT, Level.WARN, "dkim_weak", facts)
    return Finding(SUBJECT, Level.GOOD, "dkim_good", facts)


def _length(key: str) -> int:
    try:
        return len(b64decode(key.replace(" ", "")))
    except (Error, ValueError):
        return 0


def read_tags(text: str) -> dict[str, str]:
    """ "v=DKIM1; p=abc" → {"v": "DKIM1", "p": "abc"}; DMARC is written alike."""
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {name.strip().lower(): value.strip() for name, _sign, value in pairs}
