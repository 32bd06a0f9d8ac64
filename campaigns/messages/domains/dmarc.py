"""RFC 7489: what receivers do with mail that only claims to be ours."""

from collections.abc import Iterator

from .dkim import read_tags
from .findings import Finding, Level
from .lookup import Lookup

SUBJECT = "dmarc"
_POLICIES = frozenset({"none", "quarantine", "reject"})


def check(domain: str, lookup: Lookup) -> Iterator[Finding]:
    record = f"v=DMARC1; p=none; rua=mailto:dmarc@{domain}"
    name, found = _find(domain, lookup)
    if not found:
        facts = {"name": f"_dmarc.{domain}", "record": record}
        yield Finding(SUBJECT, Level.BAD, "dmarc_missing", facts)
        return
    if len(found) > 1:
        facts = {"number": str(len(found))}
        yield Finding(SUBJECT, Level.BAD, "dmarc_several", facts)
        return
    yield _judge(found[0], record, inherited=name != domain)


def _find(domain: str, lookup: Lookup) -> tuple[str, list[dict[str, str]]]:
    """The record of the domain, or of the nearest one above it that has one."""
    labels = domain.split(".")
    for begin in range(len(labels) - 1):
        name = ".".join(labels[begin:])
        texts = lookup.texts(f"_dmarc.{name}")
        found = [
            read_tags(text)
            for text in texts
            if text.strip().lower().replace(" ", "").startswith("v=dmarc1")
        ]
        if found:
            return name, found
    return domain, []


def _judge(tags: dict[str, str], record: str, *, inherited: bool) -> Finding:
    policy = tags.get("p", "").lower()
    if inherited:
        policy = tags.get("sp", policy).lower()
    if policy not in _POLICIES:
        return Finding(SUBJECT, Level.BAD, "dmarc_broken", {"record": record})
    facts = {"policy": policy}
    if not tags.get("rua"):
        return Finding(SUBJECT, Level.WARN, "dmarc_no_reports", facts)
    if policy == "none":
        return Finding(SUBJECT, Level.GOOD, "dmarc_none")
    return Finding(SUBJECT, Level.GOOD, "dmarc_good", facts)
