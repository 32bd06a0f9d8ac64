"""RFC 7208: which servers may send for a domain."""

from collections.abc import Iterator

from .findings import Finding, Level
from .lookup import Lookup

SUBJECT = "spf"
_MOST_LOOKUPS = 10
#: Of these each costs the receiver a look-up.
_COSTLY = ("include", "a", "mx", "ptr", "exists", "redirect")


def check(domain: str, include: str, lookup: Lookup) -> Iterator[Finding]:
    records = _records(domain, lookup)
    if not records:
        part = f"include:{include} " if include else ""
        facts = {"domain": domain, "record": f"v=spf1 {part}~all"}
        yield Finding(SUBJECT, Level.BAD, "spf_missing", facts)
        return
    if len(records) > 1:
        facts = {"number": str(len(records))}
        yield Finding(SUBJECT, Level.BAD, "spf_several", facts)
        return
    found = list(_judge(records[0], domain, include, lookup))
    yield from found or [Finding(SUBJECT, Level.GOOD, "spf_good")]


def _judge(record: str, domain: str, include: str, lookup: Lookup) -> Iterator[Finding]:
    terms = record.lower().split()[1:]
    if {"+all", "all"} & set(terms):
        yield Finding(SUBJECT, Level.BAD, "spf_everybody")
    elif not {"~all", "-all"} & set(terms) and not _redirect(terms):
        yield Finding(SUBJECT, Level.WARN, "spf_open_end")
    seen: list[str] = []
    number = _walk(record, lookup, seen)
    if number > _MOST_LOOKUPS:
        facts = {"number": str(number)}
        yield Finding(SUBJECT, Level.BAD, "spf_too_long", facts)
    if include and include not in seen:
        yield Finding(SUBJECT, Level.WARN, "spf_no_provider", {"include": include})


def _records(name: str, lookup: Lookup) -> list[str]:
    texts = (text.strip() for text in lookup.texts(name))
    return [text for text in texts if text.lower().split(" ")[0] == "v=spf1"]


def _walk(record: str, lookup: Lookup, seen: list[str]) -> int:
    """How many look-ups reading it takes; *seen* gathers the names included."""
    number = 0
    for term in record.lower().split()[1:]:
        name, _sign, target = term.lstrip("+-~?").replace("=", ":").partition(":")
        if name.split("/")[0] not in _COSTLY:
            continue
        number += 1
        if name not in {"include", "redirect"} or target in seen:
            continue
        seen.append(target)
        if number > _MOST_LOOKUPS or len(seen) > _MOST_LOOKUPS or "%" in target:
            continue
        for inner in _records(target, lookup)[:1]:
            number += _walk(inner, lookup, seen)
    return number


def _redirect(terms: list[str]) -> bool:
    return any(term.startswith("redirect=") for term in terms)
